"""A ZIP of the plainest form: stored files one after the other, no dates, no extras, no comments, nothing between them.

There is exactly one such file for given names and contents, so the verifier can compare every byte of it. Ordinary tools open it.
Written front to back; the output need not be seekable.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from typing import Final, NamedTuple, Protocol

from records.pack.parts import MAX_BYTES, MAX_ENTRIES

NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
DATE: Final = 0x21  # 1980-01-01, the first a ZIP can say
VERSION: Final = 20


class PackTooLarge(Exception):
    """The case does not fit in one pack: export it in parts."""


class _Member(NamedTuple):
    name: bytes
    crc: int
    size: int
    offset: int


class Sink(Protocol):
    """What takes bytes, front to back."""

    def write(self, data: bytes, /) -> int: ...


class Archive:
    """Writes members to `out` and keeps the digest of each and of the whole."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._whole = hashlib.sha256()
        self._members: list[_Member] = []
        self.size = 0
        self.digests: dict[str, str] = {}  # name -> SHA-256, hex

    def add(self, name: str, content: bytes) -> str:
        """Add a file; return its SHA-256 (hex). Raises PackTooLarge."""
        if not NAME.fullmatch(name) or name in self.digests:
            raise ValueError(f"not a new plain name: {name}")
        if len(self._members) >= MAX_ENTRIES or self.size + len(content) > MAX_BYTES:
            raise PackTooLarge(name)
        member = _Member(name.encode(), zlib.crc32(content), len(content), self.size)
        self._members.append(member)
        self.digests[name] = hashlib.sha256(content).hexdigest()
        self._write(struct.pack("<4s5H", b"PK\x03\x04", VERSION, 0, 0, 0, DATE) + _sizes(member) + member.name)
        self._write(content)
        return self.digests[name]

    def finish(self) -> str:
        """Write the directory; return the SHA-256 (hex) of the whole file."""
        start = self.size
        for member in self._members:
            head = struct.pack("<4s6H", b"PK\x01\x02", VERSION, VERSION, 0, 0, 0, DATE)
            self._write(head + _sizes(member) + struct.pack("<3H2I", 0, 0, 0, 0, member.offset) + member.name)
        count = len(self._members)
        self._write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, self.size - start, start, 0))
        return self._whole.hexdigest()

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._whole.update(data)
        self.size += len(data)


def _sizes(member: _Member) -> bytes:
    """CRC, both sizes (stored: equal), length of the name, no extra field."""
    return struct.pack("<3I2H", member.crc, member.size, member.size, len(member.name), 0)
