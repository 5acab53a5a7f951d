"""A pack's file on disk: sealed in segments under the grant's key, deleted when its days are over."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Final

from django.conf import settings

from records.errors import ErrorKind, Refused
from records.vault import SEGMENT_BYTES, Context, OpenKey, SealBroken, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from consult.models.packs import EvidencePack

DAMAGED: Final = ErrorKind(
    "pack.damaged", 500, "证据包的文件已损坏，请重新导出。", "The file of this pack is damaged. Please export the case again."
)


class PackWriter:
    """The file that `records.pack.build.write` writes to: seals each segment as it fills. `finish` or `discard` ends it."""

    def __init__(self, key: OpenKey, pack_id: UUID, wrote: Callable[[int], None]) -> None:
        self._key, self._pack, self._wrote = key, pack_id, wrote
        self._pending = bytearray()
        self.segments: list[tuple[int, str]] = []
        discard(pack_id)  # what an attempt before this one left
        directory_of(pack_id).mkdir(mode=0o700, parents=True)

    def write(self, chunk: bytes) -> int:
        self._pending += chunk
        while len(self._pending) >= SEGMENT_BYTES:
            self._seal(bytes(self._pending[:SEGMENT_BYTES]))
            del self._pending[:SEGMENT_BYTES]
        return len(chunk)

    def finish(self) -> list[tuple[int, str]]:
        if self._pending:
            self._seal(bytes(self._pending))
            self._pending.clear()
        return self.segments

    def _seal(self, plaintext: bytes) -> None:
        index = len(self.segments)
        blob = seal(self._key, _context(self._key, self._pack, index), plaintext)
        with (directory_of(self._pack) / str(index)).open("xb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
        self.segments.append((len(plaintext), hashlib.sha256(blob).hexdigest()))
        self._wrote(len(plaintext))


class PackReader:
    """A finished pack ready to be read: what needs the database is read already. Raises KeyMissing."""

    def __init__(self, pack: EvidencePack) -> None:
        assert pack.key_id is not None, "a finished pack has its key"
        self._key, self._pack = open_key(pack.key_id), pack

    def __len__(self) -> int:
        return len(self._pack.segments)

    def segment(self, index: int) -> bytes:
        """The clear bytes of one segment. Raises Refused(DAMAGED)."""
        size, digest = self._pack.segments[index]
        try:
            blob = (directory_of(self._pack.id) / str(index)).read_bytes()
            clear = unseal(self._key, _context(self._key, self._pack.id, index), blob)
        except (OSError, SealBroken) as error:
            raise Refused(DAMAGED) from error
        if (len(clear), hashlib.sha256(blob).hexdigest()) != (size, digest):
            raise Refused(DAMAGED)
        return clear


def discard(pack_id: UUID) -> None:
    shutil.rmtree(directory_of(pack_id), ignore_errors=True)


def directory_of(pack_id: UUID) -> Path:
    media: Path = settings.XINQIAO_MEDIA
    return media / "packs" / str(pack_id)


def _context(key: OpenKey, pack_id: UUID, index: int) -> Context:
    return Context("pack.segment", key.scope, index, None, str(pack_id), "application/zip")
