"""The build of the front end that is served: held in memory, and replaced by a newer one once that stands on the disk as a whole.

A build empties its directory first and takes a while. Meanwhile, and for as long as something in it is missing, the one in memory is
served. Files with a hash in their names stay for one build more: pages that are open ask for them when they need them.
"""

import gzip
import hashlib
import json
import logging
import mimetypes
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0  # between two looks at the marks, each three calls of `stat`
AGAIN_SECONDS: Final = 2.0  # later, after what was read proved not to be whole
SETTLED_SECONDS: Final = 2.0  # a build that was written to more lately may not be over
MANIFEST: Final = ".vite/manifest.json"
MARKS: Final = ("index.html", "sw.js", MANIFEST)  # every build writes these
COMPRESSIBLE: Final = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True)
class StaticFile:
    body: bytes
    zipped: bytes | None
    media_type: str
    etag: str
    hashed_name: bool


class Builds:
    """What is served of a directory that is built anew now and then. Thread-safe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._looking = threading.Lock()
        self._next = 0.0
        self._marks: object = None  # of what is served; None: of nothing whole
        self._newest: dict[str, StaticFile] = {}
        self._before: dict[str, StaticFile] = {}  # the hashed files of the build before
        self._served: dict[str, StaticFile] = {}

    def files(self) -> dict[str, StaticFile]:
        """Every file by its path below the root, leaving out dot files (build reports)."""
        if time.monotonic() >= self._next and self._looking.acquire(blocking=not self._served):
            try:
                self._look()
            except OSError as error:  # it is being emptied or written
                logger.info("front end not read: %s", type(error).__name__)
            finally:
                self._looking.release()
        return self._served

    def _look(self) -> None:
        self._next = time.monotonic() + LOOK_SECONDS
        marks = [_mark(self.root / name) for name in MARKS]
        if marks == self._marks:
            return
        whole = _settled(self.root)
        if self._served and not whole:
            return
        found = read(self.root)
        whole = whole and _complete(self.root, found) and marks == [_mark(self.root / name) for name in MARKS]
        if not whole:
            self._next += AGAIN_SECONDS
        if self._served and not whole:
            return
        self._serve(found)
        self._marks = marks if whole else None  # what there was at the start is served, and looked at again

    def _serve(self, found: dict[str, StaticFile]) -> None:
        if found.get("index.html") != self._newest.get("index.html"):
            self._before = {name: file for name, file in self._newest.items() if file.hashed_name}
            logger.info("front end: %d files", len(found))
        self._newest, self._served = found, {**self._before, **found}


@cache
def builds_of(root: Path) -> Builds:
    return Builds(root)


def read(root: Path) -> dict[str, StaticFile]:
    names = [path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file()]
    return {name.as_posix(): load(root, name) for name in names if not any(part.startswith(".") for part in name.parts)}


def load(root: Path, name: Path) -> StaticFile:
    body = (root / name).read_bytes()
    media_type = mimetypes.guess_type(name.name)[0] or "application/octet-stream"
    zipped = gzip.compress(body, mtime=0) if media_type.startswith(COMPRESSIBLE) else None
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return StaticFile(body, zipped, media_type, etag, hashed_name=name.parts[0] == "assets")


def _mark(path: Path) -> tuple[int, int, int] | None:
    """Tells one writing of a file from another; None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _settled(root: Path) -> bool:
    """Whether nothing was written there lately. Raises OSError."""
    newest = max((path.stat().st_mtime for path in root.rglob("*")), default=0.0)
    return not 0 <= time.time() - newest < SETTLED_SECONDS


def _complete(root: Path, found: dict[str, StaticFile]) -> bool:
    """Whether there is a page, and all that the build's own list names. Raises OSError."""
    try:
        chunks = json.loads((root / MANIFEST).read_bytes()) if (root / MANIFEST).exists() else {}
    except ValueError:
        return False
    named = {name for chunk in chunks.values() for name in (chunk["file"], *chunk.get("css", ()), *chunk.get("assets", ()))}
    return {"index.html", *named} <= found.keys()
