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
from records.vault import VaultError
from records.vault.errors import KEYRING_AWAY
from transcription.exchanges import Exchange
from transcription.importing import DESCRIPTION_BYTES, Call, ImportReceiver, described
from transcription.recordings import MAX_BYTES, TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger(__name__)

STILL_SECONDS: Final = 5  # a file that was written to since is not complete
CHUNK_BYTES: Final = 65_536
AT_ONCE: Final = 100  # calls of one exchange; those whose sound is still to come do not count
REFUSED: Final = ".refused"


def take_all() -> int:
    """Take every complete call of every exchange's folder; return how many were kept, or known already."""
    root = settings.XINQIAO_EXCHANGE_FOLDER
    if root is None:
        return 0
    return sum(_take_from(exchange, Path(root) / exchange.name) for exchange in Exchange.objects.filter(revoked_at=None))


def _take_from(exchange: Exchange, directory: Path) -> int:
    """Take an exchange's calls; return how many. What goes wrong with one call stops no other, and with one exchange no other one."""
    taken = 0
    try:
        for path in _waiting(directory):
            taken += _take(exchange, path)
            if taken >= AT_ONCE:
                break
    except OSError as error:
        log.warning("exchange.unreadable", exchange=exchange.name, reason=type(error).__name__)
    except Refused as error:  # the key service is away: the next call would wait for it as long
        log.warning("exchange.waits", exchange=exchange.name, code=error.kind.code)
    return taken


def _waiting(directory: Path) -> list[Path]:
    """The descriptions of calls, oldest first. Raises OSError."""
    if not directory.is_dir():
        return []
    found = [(_still_since(path), path) for path in directory.iterdir() if path.suffix == ".json"]
    return [path for since, path in sorted((since, path) for since, path in found if since is not None)]


def _still_since(path: Path) -> float | None:
    """When a file was last written to; None while it is not complete, or cannot be found."""
    with suppress(OSError):
        at = path.lstat().st_mtime
        return at if at < time.time() - STILL_SECONDS else None
    return None


def _take(exchange: Exchange, path: Path) -> bool:
    """Keep one call and remove its files, or log why not. Raises Refused(KEYRING_AWAY)."""
    try:
        return _taken(exchange, path)
    except Refused as error:  # not the call's fault: it may be taken the next time
        if error.kind is KEYRING_AWAY:
            raise
        log.warning("exchange.waits", exchange=exchange.name, code=error.kind.code)
    except OSError as error:  # a disk, a permission: it may be there the next time
        log.warning("exchange.unreadable", exchange=exchange.name, reason=type(error).__name__)
    except Exception:  # one call's fault, or the database's, holds up no other
        log.exception("exchange.failed", exchange=exchange.name)
    return False


def _taken(exchange: Exchange, path: Path) -> bool:
    """Whether a call was kept. What is refused for good is said in `X.json.refused`, and its description set aside; what may be taken
    later (the vault's refusals, and those that say so) is raised."""
    try:
        call, audio = _told(path)
        if _still_since(audio) is None:
            return False
        _keep(exchange, call, audio)
    except Refused as refused:
        if isinstance(refused, VaultError) or refused.kind.retry:
            raise
        _set_aside(path, refused)
        return False
    audio.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return True


def _told(path: Path) -> tuple[Call, Path]:
    """What a description says, and the file beside it that it names. Raises OSError, Refused(BAD_INPUT)."""
    with _opened(path) as file:
        raw = file.read(DESCRIPTION_BYTES + 1)
    try:
        told = msgspec.json.decode(raw, type=dict[str, object])
        name = told.pop("file", None)
        call = described(msgspec.json.encode(told))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refused(BAD_INPUT, {"call": {"zh": "通话说明不是 JSON。", "en": "The description is not JSON."}}) from error
    if not isinstance(name, str) or not _names_a_neighbour(name):
        raise Refused(
            BAD_INPUT, {"file": {"zh": "file 应是同一目录里的文件名。", "en": "file must name a file in the same directory."}}
        )
    return call, path.with_name(name)


def _names_a_neighbour(name: str) -> bool:
    return bool(name) and "\0" not in name and not name.startswith(".") and name == Path(name).name


def _keep(exchange: Exchange, call: Call, audio: Path) -> None:
    with _opened(audio) as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise Refused(TOO_LARGE)
        receiver = ImportReceiver(exchange, call)
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
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(BAD_INPUT, {"file": {"zh": "不是普通文件。", "en": "This is not a regular file."}})
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(descriptor)  # fdopen leaves that of a directory open


def _set_aside(path: Path, refused: Refused) -> None:
    """Nothing is deleted that was not kept. The reason is a new file: what stands there may be a link that the exchange made."""
    log.warning("exchange.refused", code=refused.kind.code)
    reason = path.with_name(path.name + REFUSED)
    reason.unlink(missing_ok=True)
    descriptor = os.open(reason, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(refused.payload()))
    path.rename(path.with_name(path.name + ".aside"))
