"""Long content on disk: sealed segments of 256 KiB, each a file of its own, readable from any position.

Clear bytes exist only in this process's memory, one segment while writing and a few while reading. What a segment is bound to is
its owner's: `bind(index)`, with the index from 0, returns the context.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from django.conf import settings

from records.errors import ErrorKind, Refused
from records.vault import SEGMENT_BYTES, Context, OpenKey, SealBroken, manifest, seal, unseal, unseal_part

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from _typeshed import WriteableBuffer

ABANDONED_SECONDS: Final = 6 * 3600
LOOKED_UP: Final = 500  # directories asked about at once: there is one for every file that was ever kept
NAME: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.received)?")
CACHED_SEGMENTS: Final = 4
HEAD_BYTES: Final = 64
STORAGE_AWAY: Final = ErrorKind(
    "storage.away",
    503,
    "存储暂时读不出来，请稍后再试。",
    "The storage cannot be read now; please try again in a moment.",
    retry=True,
)

Bind = Callable[[int], Context]


class StorageAway(Refused):
    """A file is there, or may be, and cannot be read now: of what it holds nothing is known."""

    def __init__(self) -> None:
        super().__init__(STORAGE_AWAY)


class SealedSegment(NamedTuple):
    """One written segment. `size` counts plaintext bytes, `sha256` is of the ciphertext, `path` is below the media directory."""

    size: int
    sha256: bytes
    path: str


def media_directory() -> Path:
    directory: Path = settings.XINQIAO_MEDIA
    return directory


def manifest_of(segments: Sequence[SealedSegment]) -> bytes:
    return manifest((segment.sha256, segment.size) for segment in segments)


class SegmentWriter:
    """Seals what is written, segment by segment as it fills. `finish` or `discard` ends it. `place` is below the media directory.

    A segment is complete on disk under its name or absent: it is written beside, synced, and renamed.
    """

    def __init__(self, key: OpenKey, place: str, bind: Bind) -> None:
        self._key, self._bind = key, bind
        self._directory = media_directory() / place
        self._pending = bytearray()
        self.size = 0
        self.head = b""  # the first bytes, by which the format is known
        self.segments: list[SealedSegment] = []

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if len(self.head) < HEAD_BYTES:
            self.head += bytes(chunk[: HEAD_BYTES - len(self.head)])
        self._pending += chunk
        while len(self._pending) >= SEGMENT_BYTES:
            self._seal(bytes(self._pending[:SEGMENT_BYTES]))
            del self._pending[:SEGMENT_BYTES]

    def finish(self) -> list[SealedSegment]:
        """Seal the rest and return every segment, on disk to stay."""
        if self._pending:
            self._seal(bytes(self._pending))
            self._pending.clear()
        if self.segments:
            sync(self._directory)
            sync(self._directory.parent)
        return self.segments

    def discard(self) -> None:
        self._pending.clear()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _seal(self, plaintext: bytes) -> None:
        index = len(self.segments)
        self.segments.append(write_sealed(self._key, self._bind(index), self._directory / str(index), plaintext))


def write_sealed(key: OpenKey, context: Context, path: Path, plaintext: bytes) -> SealedSegment:
    """Seal into a new file below the media directory: complete under its name, or absent."""
    blob = seal(key, context, plaintext)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with draft.open("xb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    relative = path.relative_to(media_directory())
    return SealedSegment(len(plaintext), hashlib.sha256(blob).digest(), relative.as_posix())


def clear_abandoned(place: str, known: Callable[[Sequence[str]], Container[str]]) -> int:
    """Remove what writers left in `place` that broke off with their process, hours ago; return how many.

    `known`: which of these directory names (ids) belong to something that is kept. What ends in `.received` is never kept.
    """
    removed, old = 0, _old(media_directory() / place)
    while some := list(islice(old, LOOKED_UP)):
        kept = known([entry.name for entry in some if not entry.suffix])
        for entry in some:
            if entry.suffix or entry.name not in kept:
                shutil.rmtree(entry, ignore_errors=True)
                removed += 1
    return removed


def _old(directory: Path) -> Iterator[Path]:
    """Directories of files that nobody has written to for ABANDONED_SECONDS."""
    too_old = time.time() - ABANDONED_SECONDS
    for entry in directory.iterdir() if directory.is_dir() else ():
        with suppress(FileNotFoundError):  # discarded at this very moment
            if NAME.fullmatch(entry.name) and entry.stat().st_mtime < too_old:
                yield entry


def sync(directory: Path) -> None:
    """Make renames in `directory` survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Content ready to be opened: everything that needs the database is already read. `damaged` says what its loss is called."""

    key: OpenKey
    segments: Sequence[SealedSegment]
    bind: Bind
    damaged: ErrorKind

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.segments)

    def ciphertext(self, index: int) -> bytes:
        """One segment as it lies on disk. Raises OSError."""
        return (media_directory() / self.segments[index].path).read_bytes()

    def segment(self, index: int) -> bytes:
        """Return the clear bytes of one segment. Raises Refused(damaged) when its file is gone or not what was sealed, StorageAway."""
        expected = self.segments[index]
        with self._readable():
            blob = self.ciphertext(index)
            clear = unseal(self.key, self.bind(index), blob)
        if hashlib.sha256(blob).digest() != expected.sha256 or len(clear) != expected.size:
            raise Refused(self.damaged)
        return clear

    def part(self, index: int, start: int, end: int) -> bytes:
        """The clear bytes `start` to `end` of one segment; a few chunks are opened, not all of it. Raises as `segment` does."""
        expected = self.segments[index]
        if (start, end) == (0, expected.size):
            return self.segment(index)
        with self._readable(), (media_directory() / expected.path).open("rb") as file:
            clear, size = unseal_part(self.key, self.bind(index), file, start, end)
        if size != expected.size:
            raise Refused(self.damaged)
        return clear

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, SealBroken) as error:
            raise Refused(self.damaged) from error
        except OSError as error:
            raise StorageAway from error


class SealedReader(io.RawIOBase):
    """The clear bytes as a seekable, read-only file; at most CACHED_SEGMENTS segments are open at once."""

    def __init__(self, source: Sealed) -> None:
        self._source = source
        self._position = 0
        self._open: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._source.size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` from one segment; 0 at the end."""
        if self._position >= self._source.size:
            return 0
        index, inside = divmod(self._position, SEGMENT_BYTES)
        view = memoryview(buffer).cast("B")
        part = self._segment(index)[inside : inside + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _segment(self, index: int) -> bytes:
        if index not in self._open:
            self._open[index] = self._source.segment(index)
            if len(self._open) > CACHED_SEGMENTS:
                self._open.popitem(last=False)
        self._open.move_to_end(index)
        return self._open[index]
