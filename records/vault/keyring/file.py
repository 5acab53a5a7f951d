"""Key-encrypting keys in one JSON file that only the server's account can read.

    {"format": 1, "deployment": uuid, "id": name, "current": 2,
     "versions": {"1": {"key": base64, "since": ms since epoch}, "2": {...}}}

A data key is wrapped with the cipher suite in use, like everything else here; the context binds the key's own id, so that the wrapped
keys of two rows cannot be exchanged.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from django.conf import settings

from records.vault import private_files
from records.vault.errors import KEK_UNKNOWN, KEY_FILE_BAD, KeyringError
from records.vault.keyring.wrapped import KEY_BYTES, unwrap_with, wrap_with

if TYPE_CHECKING:
    from records.vault.keyring.wrapped import Wrapped

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Version:
    since: int  # ms since epoch
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the file holds."""

    deployment: UUID
    id: str
    current: int
    versions: dict[int, Version]


class FileKeyring:
    """The keyring in `path`. Another process may rotate it at any time: a replaced file is read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._keys, self._stamp = _read(path)

    @property
    def deployment(self) -> UUID:
        return self._keys.deployment

    def key_id(self) -> str:
        return self._keys.id

    def current_version(self) -> int:
        return self._fresh().current

    def versions(self) -> dict[int, int]:
        return {number: version.since for number, version in self._fresh().versions.items()}

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        keys = self._fresh()
        return wrap_with(keys.versions[keys.current].key, keys.id, keys.current, secret, context)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        keys = self._keys if wrapped.kek_version in self._keys.versions else self._fresh()
        version = keys.versions.get(wrapped.kek_version)
        if wrapped.kek_id != keys.id or version is None:
            raise KeyringError(KEK_UNKNOWN, f"{wrapped.kek_id} version {wrapped.kek_version}")
        return unwrap_with(version.key, wrapped, context)

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        with self._lock, private_files.alone(self._path):
            keys, _ = _read(self._path)
            number = max(keys.versions) + 1
            self._put(replace(keys, current=number, versions=keys.versions | {number: _new_version()}))
        return number

    def retire(self, version: int) -> None:
        with self._lock, private_files.alone(self._path):
            keys, _ = _read(self._path)
            if version == keys.current or version not in keys.versions:
                raise KeyringError(KEK_UNKNOWN, f"version {version} is the current one or not in the keyring")
            kept = {number: key for number, key in keys.versions.items() if number != version}
            self._put(replace(keys, versions=kept))

    def _put(self, keys: Keys) -> None:
        private_files.replace(self._path, _dump(keys))
        self._keys, self._stamp = _read(self._path)

    def _fresh(self) -> Keys:
        """The keys, read again when the file was replaced."""
        with self._lock:
            if private_files.stamp(self._path) != self._stamp:
                self._keys, self._stamp = _read(self._path)
            return self._keys


def open_ring(_deployment: UUID) -> FileKeyring:
    path = settings.XINQIAO_KEYFILE
    # In production a missing file is a mounting mistake: a new key in its place would hide it until the first read.
    if settings.EMBEDDED and not path.exists():
        create(path)
    return FileKeyring(path)


def make(_deployment: UUID) -> None:
    create(settings.XINQIAO_KEYFILE)


def create(path: Path) -> None:
    """Make a key file with one version, unless there is one."""
    private_files.create(path, _dump(Keys(uuid4(), f"file-{secrets.token_hex(4)}", 1, {1: _new_version()})))


def _read(path: Path) -> tuple[Keys, private_files.Stamp]:
    text, stamp = private_files.read(path)
    try:
        return _parse(json.loads(text)), stamp
    except (ValueError, KeyError, TypeError, AttributeError):
        # Never chain the cause: a JSON error quotes the text, which is the key.
        raise KeyringError(KEY_FILE_BAD, str(path)) from None


def _parse(body: dict[str, Any]) -> Keys:
    versions = {
        int(number): Version(int(entry["since"]), base64.b64decode(entry["key"], validate=True))
        for number, entry in body["versions"].items()
    }
    if body["format"] != FORMAT or body["current"] not in versions:
        raise ValueError("format")
    if any(len(version.key) != KEY_BYTES for version in versions.values()):
        raise ValueError("key length")
    return Keys(UUID(body["deployment"]), str(body["id"]), body["current"], versions)


def _dump(keys: Keys) -> bytes:
    body = {
        "format": FORMAT,
        "deployment": str(keys.deployment),
        "id": keys.id,
        "current": keys.current,
        "versions": {
            str(number): {"key": base64.b64encode(version.key).decode(), "since": version.since}
            for number, version in sorted(keys.versions.items())
        },
    }
    return json.dumps(body, indent=1).encode()


def _new_version() -> Version:
    return Version(time.time_ns() // 1_000_000, secrets.token_bytes(KEY_BYTES))
