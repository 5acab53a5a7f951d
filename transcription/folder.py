"""The folder of a telephone exchange: what it puts there is sealed and then removed; what cannot be taken stays, with the reason beside it.

`<XINQIAO_EXCHANGE_FOLDER>/<name of the exchange>/` holds for each call a description `X.json` (an `importing.Call`, and `file`, the name of
the audio file beside it). Who may write there is the file system's business: give the directory to the exchange's user alone.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec
import structlog
from django.conf import settings

from records.errors import BAD_INPUT, Refused
from transcription.exchanges import Exchange
from transcription.importing import DESCRIPTION_BYTES, ImportReceiver, described
from transcription.recordings import MAX_BYTES, TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger(__name__)

STILL_SECONDS: Final = 5  # a file that was written to since is not complete
CHUNK_BYTES: Final = 65_536
AT_ONCE: Final = 100
REFUSED: Final = ".refused"


def take_all() -> int:
    """Take every complete call of every exchange's folder; return how many were kept, or known already."""
    root = settings.XINQIAO_EXCHANGE_FOLDER
    if root is None:
        return 0
    exchanges = Exchange.objects.filter(revoked_at=None)
    return sum(_take(exchange, path) for exchange in exchanges for path in _waiting(Path(root) / exchange.name))


def _waiting(directory: Path) -> list[Path]:
    """The descriptions of calls, oldest first."""
    if not directory.is_dir():
        return []
    found = [(path.lstat().st_mtime, path) for path in directory.glob("*.json")]
    return [path for at, path in sorted(found) if at < time.time() - STILL_SECONDS][:AT_ONCE]


def _take(exchange: Exchange, path: Path) -> bool:
    """Keep one call and remove its files. What is refused for good is said in `X.json.refused`, and its description set aside."""
    try:
        audio = _audio_of(path)
        if audio is None:
            return False
        _keep(exchange, path, audio)
    except Refused as refused:
        _set_aside(path, refused)
        return False
    except OSError as error:  # a disk, a permission: it may be there the next time
        log.warning("exchange.unreadable", exchange=exchange.name, reason=type(error).__name__)
        return False
    audio.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return True


def _audio_of(path: Path) -> Path | None:
    """The file that a description names, beside it; None while it is not complete. Raises Refused(BAD_INPUT)."""
    name = _described(path).pop("file", None)
    if not isinstance(name, str) or name != Path(name).name or name.startswith("."):
        raise Refused(
            BAD_INPUT, {"file": {"zh": "file 应是同一目录里的文件名。", "en": "file must name a file in the same directory."}}
        )
    audio = path.with_name(name)
    with suppress(FileNotFoundError):
        return audio if audio.lstat().st_mtime < time.time() - STILL_SECONDS else None
    return None


def _described(path: Path) -> dict[str, object]:
    with _opened(path) as file:
        raw = file.read(DESCRIPTION_BYTES + 1)
    try:
        return msgspec.json.decode(raw, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(BAD_INPUT, {"call": {"zh": "通话说明不是 JSON。", "en": "The description is not JSON."}}) from error


def _keep(exchange: Exchange, path: Path, audio: Path) -> None:
    told = _described(path)
    told.pop("file", None)
    with _opened(audio) as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise Refused(TOO_LARGE)
        receiver = ImportReceiver(exchange, described(msgspec.json.encode(told)))
        try:
            while chunk := file.read(CHUNK_BYTES):
                receiver.write(chunk)
            receiver.finish(receiver.act, receiver.client_id)
        finally:
            receiver.discard()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file of the folder itself; a link could lead anywhere. Raises OSError, Refused(BAD_INPUT)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(BAD_INPUT, {"file": {"zh": "不是普通文件。", "en": "This is not a regular file."}})
        yield file


def _set_aside(path: Path, refused: Refused) -> None:
    """Nothing is deleted that was not kept."""
    log.warning("exchange.refused", code=refused.kind.code)
    path.with_name(path.name + REFUSED).write_bytes(msgspec.json.encode(refused.payload()))
    path.rename(path.with_name(path.name + ".aside"))
