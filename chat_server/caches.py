"""What is remembered for minutes and may be lost: failed sign-ins, and tickets that were used. Counted by all processes together.

Redis in production, files in the embedded deployment. Neither holds a word of what people write.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

SWEEP_SECONDS: Final = 60.0


class Json:
    """How values stand in Redis. Django's own way would run what a stranger to the database wrote there."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class FileCache(FileBasedCache):
    """Django's, where only one of several `add` of the same key wins, and what is over is removed within a minute.

    A file's time of change says when its entry is over.
    """

    _swept = 0.0

    if TYPE_CHECKING:  # what the stubs leave out of Django's class
        _dir: str

        def _createdir(self) -> None: ...

        def _write_content(self, file: IO[bytes], timeout: float | None, value: Any) -> None: ...

        def _key_to_file(self, key: Any, version: int | None = None) -> str: ...

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store the value unless there is one; True for the one that did."""
        if self.has_key(key, version):  # drops one that is over
            return False
        self._createdir()
        handle, draft = tempfile.mkstemp(dir=self._dir)
        try:
            with os.fdopen(handle, "wb") as file:
                self._write_content(file, timeout, value)
            path = self._key_to_file(key, version)
            self._until(draft, timeout)
            os.link(draft, path)
        except FileExistsError:
            return False
        finally:
            Path(draft).unlink()
        self._sweep()
        return True

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        super().set(key, value, timeout, version)
        self._until(self._key_to_file(key, version), timeout)

    def _until(self, path: str, timeout: float | None) -> None:
        over = self.get_backend_timeout(timeout)
        end = over if over is not None else time.time() + 86_400
        os.utime(path, (end, end))

    def _cull(self) -> None:
        self._sweep()

    def _sweep(self) -> None:
        now = time.time()
        if now - FileCache._swept < SWEEP_SECONDS:
            return
        FileCache._swept = now
        for entry in os.scandir(self._dir):
            if entry.name.endswith(self.cache_suffix) and entry.stat().st_mtime < now:
                Path(entry.path).unlink(missing_ok=True)
