"""Key-encrypting keys in one JSON file that only the server's account can read.

    {"format": 1, "deployment": uuid, "id": name, "current": 2,
     "versions": {"1": {"key": base64, "since": ms}, "2": {...}}}

A data key is wrapped with Cobblestone-256, like everything else here; the context binds the key's own id, so that two rows'
wrapped keys cannot be exchanged. The file is replaced whole (written, synced, renamed), so a kill leaves the old or the new.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from records.vault.context import field
from records.vault.errors import KEK_UNKNOWN, KEY_FILE_BAD, KEY_FILE_MISSING, KEY_FILE_UNSAFE, KeyringError
from records.vault.keyring.wrapped import Wrapped
from records.vault.suites import CURRENT, SUITES, suite_of

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = 1
KEY_BYTES: Final = 32
MAX_FILE_BYTES: Final = 1_048_576
WRAP_DOMAIN: Final = b"xinqiao/wrap/v1"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file holds. `stamp` tells whether it was replaced since."""

    deployment: uuid.UUID
    id: str
    current: int
    versions: dict[int, bytes]
    since: dict[int, int]  # ms since epoch, per version
    stamp: tuple[int, int, int]

    def __repr__(self) -> str:
        return f"Keys(id={self.id!r}, current={self.current}, versions={sorted(self.versions)})"


class FileKeyring:
    """The keyring in `path`. Another process may rotate it at any time: a replaced file is read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._keys = read(path)

    @property
    def deployment(self) -> uuid.UUID:
        return self._keys.deployment

    def key_id(self) -> str:
        return self._keys.id

    def current_version(self) -> int:
        return self._fresh().current

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        keys = self._fresh()
        bound = _bound(context, keys.id, keys.current)
        blob = CURRENT + SUITES[CURRENT].encrypt(keys.versions[keys.current], bound, secret)
        return Wrapped(blob, keys.id, keys.current)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        kek = self._version(wrapped)
        bound = _bound(context, wrapped.kek_id, wrapped.kek_version)
        return suite_of(wrapped.blob).decrypt(kek, bound, wrapped.blob[1:])

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        with self._lock:
            keys = read(self._path)
            version = max(keys.versions) + 1
            versions = {**keys.versions, version: secrets.token_bytes(KEY_BYTES)}
            since = {**keys.since, version: _now_ms()}
            replace(self._path, Keys(keys.deployment, keys.id, version, versions, since, keys.stamp))
            self._keys = read(self._path)
        return version

    def retire(self, version: int) -> None:
        with self._lock:
            keys = read(self._path)
            if version == keys.current or version not in keys.versions:
                raise KeyringError(KEK_UNKNOWN, f"version {version} is current or not in the keyring")
            versions = {number: key for number, key in keys.versions.items() if number != version}
            since = {number: at for number, at in keys.since.items() if number != version}
            replace(self._path, Keys(keys.deployment, keys.id, keys.current, versions, since, keys.stamp))
            self._keys = read(self._path)

    def _version(self, wrapped: Wrapped) -> bytes:
        keys = self._keys if wrapped.kek_version in self._keys.versions else self._fresh()
        kek = keys.versions.get(wrapped.kek_version)
        if wrapped.kek_id != keys.id or kek is None:
            raise KeyringError(KEK_UNKNOWN, f"{wrapped.kek_id} version {wrapped.kek_version}")
        return kek

    def _fresh(self) -> Keys:
        """The keys, read again when the file was replaced."""
        with self._lock:
            if _stamp(self._path) != self._keys.stamp:
                self._keys = read(self._path)
            return self._keys


def create(path: Path) -> None:
    """Make a key file with one version (0600, its directory 0700). Two processes that race end with one file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = Keys(uuid.uuid4(), f"file-{secrets.token_hex(4)}", 1, {1: secrets.token_bytes(KEY_BYTES)}, {1: _now_ms()}, (0, 0, 0))
    draft = _draft(path, keys)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync_directory(path)


def replace(path: Path, keys: Keys) -> None:
    """Put `keys` in place of the file: durable and whole, or not at all."""
    _draft(path, keys).replace(path)
    _sync_directory(path)


def read(path: Path) -> Keys:
    """Read the file. Raises KeyringError when it is missing, readable by others, or malformed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyringError(KEY_FILE_MISSING, f"{path}: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
            raise KeyringError(KEY_FILE_UNSAFE, f"{path} has mode {stat.filemode(status.st_mode)}; chmod 600 it")
        text = file.read(MAX_FILE_BYTES)
    try:
        return _parse(json.loads(text), (status.st_ino, status.st_mtime_ns, status.st_size))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        # Never chain the cause: a JSON error quotes the text, which is the key.
        raise KeyringError(KEY_FILE_BAD, str(path)) from None


def _parse(body: dict[str, Any], stamp: tuple[int, int, int]) -> Keys:
    if body["format"] != FORMAT:
        raise ValueError("format")
    versions = {int(number): base64.b64decode(entry["key"], validate=True) for number, entry in body["versions"].items()}
    since = {int(number): int(entry["since"]) for number, entry in body["versions"].items()}
    if body["current"] not in versions or any(len(key) != KEY_BYTES for key in versions.values()):
        raise ValueError("versions")
    return Keys(uuid.UUID(body["deployment"]), str(body["id"]), body["current"], versions, since, stamp)


def _draft(path: Path, keys: Keys) -> Path:
    """Write `keys` beside `path`, synced, mode 0600 from the first byte."""
    body = {
        "format": FORMAT,
        "deployment": str(keys.deployment),
        "id": keys.id,
        "current": keys.current,
        "versions": {
            str(number): {"key": base64.b64encode(key).decode(), "since": keys.since[number]}
            for number, key in sorted(keys.versions.items())
        },
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps(body, indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise KeyringError(KEY_FILE_MISSING, f"{path}: {error.strerror}") from None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _bound(context: bytes, kek_id: str, version: int) -> bytes:
    return field(WRAP_DOMAIN) + field(context) + field(kek_id.encode()) + version.to_bytes(4, "big")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
