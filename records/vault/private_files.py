"""Files that hold a secret: readable by this account alone (0600), written whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from records.vault.errors import KEY_FILE_MISSING, KEY_FILE_UNSAFE, KeyringError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 1_048_576


class Stamp(NamedTuple):
    """Tells whether a file was replaced: inode, modification time (ns), size."""

    inode: int
    modified: int
    size: int


def read(path: Path) -> tuple[bytes, Stamp]:
    """Return what `path` holds. Raises KeyringError when it is missing or anybody else may read or write it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyringError(KEY_FILE_MISSING, f"{path}: {error.strerror}") from None
    try:
        status = os.fstat(descriptor)  # of the opened file: the name may be replaced meanwhile
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
            raise KeyringError(KEY_FILE_UNSAFE, f"{path} has mode {stat.filemode(status.st_mode)}; chmod 600 it")
        return os.read(descriptor, MAX_BYTES), _stamp(status)
    finally:
        os.close(descriptor)


def stamp(path: Path) -> Stamp:
    """Raises KeyringError when there is no such file."""
    try:
        return _stamp(path.stat())
    except OSError as error:
        raise KeyringError(KEY_FILE_MISSING, f"{path}: {error.strerror}") from None


def create(path: Path, content: bytes) -> None:
    """Write `path` unless it exists. Two processes that race end with one file, complete and synced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    _sync_directory(path)


def replace(path: Path, content: bytes) -> None:
    """Put `content` in place of `path`; synced when this returns."""
    _draft(path, content).replace(path)
    _sync_directory(path)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let no other process, and no other thread, into this block for `path`: for whoever reads it and then replaces what was read."""
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # unlocks


def _draft(path: Path, content: bytes) -> Path:
    """Write `content` beside `path`: mode 0600 from the first byte, synced; gone again when the disk cannot take it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink()
        raise
    return draft


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_mtime_ns, status.st_size)
