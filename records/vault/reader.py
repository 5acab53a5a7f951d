"""Any part of a sealed blob without opening the rest: a few chunks of 16 KiB instead of a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from records.vault.chunked import CHUNK, HEADER, TAG, keyed
from records.vault.errors import SealBroken

if TYPE_CHECKING:
    from typing import BinaryIO

    from records.vault.chunked import Construction


class ChunkedReader:
    """Random access to what is sealed in `file` from its position `start` to its end. Not safe from several threads at once.

    The last chunk is opened first, which proves the length: nothing is returned of a blob that was cut or lengthened. Of the other chunks
    each is proven when it is read.
    """

    def __init__(self, file: BinaryIO, construction: Construction, secret: bytes, context: bytes, start: int = 0) -> None:
        """Raises SealBroken unless the header commits to this secret and context and the last chunk is the last one."""
        end = file.seek(0, io.SEEK_END)
        file.seek(start)
        self._file, self._start = file, start + HEADER
        self._key = keyed(construction, secret, context, file.read(HEADER))
        self._whole, last = divmod(end - self._start, CHUNK + TAG)
        if last < TAG:
            raise SealBroken
        self._last = self._chunk(self._whole, last)
        self.size = self._whole * CHUNK + len(self._last)

    def read(self, offset: int, length: int) -> bytes:
        """Return the clear bytes from `offset` on: `length` of them, or as many as there are. Raises SealBroken."""
        if offset < 0 or length < 0:
            raise ValueError("a position before the beginning")
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first, last = offset // CHUNK, (end - 1) // CHUNK
        clear = b"".join(self._opened(number) for number in range(first, last + 1))
        return clear[offset - first * CHUNK : end - first * CHUNK]

    def _opened(self, number: int) -> bytes:
        return self._last if number == self._whole else self._chunk(number, CHUNK + TAG)

    def _chunk(self, number: int, length: int) -> bytes:
        self._file.seek(self._start + number * (CHUNK + TAG))
        return self._key.open(number, self._file.read(length))
