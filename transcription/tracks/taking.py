"""A track on its way in: opened once, grown by pieces at byte-exact offsets, for as long as everybody agrees.

Consent is asked for every piece by whoever knows it (`Window`). What was captured after a recording was stopped is refused, but for
the slice that was being captured; once consent was taken back, what had come is destroyed.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from records.charts import chart_of
from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, NOT_FOUND, ErrorKind, Refused
from records.ledger.chains import now_ms
from records.vault import device_key, new_key, open_key
from records.vault.models import Retention
from transcription.receiving import CLIENT_ID
from transcription.tracks import captures, dropping, pieces
from transcription.tracks.models import Capture, Piece, Track

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from records.people import Person
    from transcription.tracks.captures import Window

MAX_BYTES: Final = 200 * 1024 * 1024
MAX_SECONDS: Final = 2 * 3600
MOST_TRACKS: Final = 20  # of one person in one capture: a page that is opened anew records anew
MOST_BY_SERVER: Final = 500  # a phone whose network comes and goes sits down anew each time
MOST_PIECES: Final = 20_000
SLICE_MS: Final = 2_000
CLOCK_MS: Final = 2_000  # that a device may be ahead of us

NO_CONSENT: Final = ErrorKind(
    "track.no_consent",
    409,
    "还没有得到所有人的同意，不能录音。",
    "Not everybody has agreed, so nothing may be recorded.",
)
WITHDRAWN: Final = ErrorKind(
    "track.withdrawn",
    410,
    "有人撤回了同意，这段录音已经删除。",
    "Somebody took their consent back, and this recording was deleted.",
)
OVER: Final = ErrorKind(
    "track.over", 409, "录音已经停止，停止之后的声音不会保存。", "Recording has stopped; what was said afterwards is not kept."
)
CLOSED: Final = ErrorKind(
    "track.closed", 409, "这段录音已经完成，不能再添加。", "This recording is complete; nothing can be added to it."
)
ELSEWHERE: Final = ErrorKind(
    "track.offset",
    409,
    "上传的位置不对，请从服务器已有的位置继续。",
    "Wrong offset: go on from where the server is.",
    retry=True,
)
MISHEARD: Final = ErrorKind(
    "track.checksum",
    460,
    "数据在路上损坏了，请重发这一段。",
    "The data was damaged on its way; send this part again.",
    retry=True,
)
TOO_LARGE: Final = ErrorKind("track.too_large", 413, "录音超过 200 MB。", "The recording is larger than 200 MB.")
TOO_LONG: Final = ErrorKind("track.too_long", 413, "录音超过 2 小时。", "The recording is longer than two hours.")
TOO_MANY_TRACKS: Final = ErrorKind(
    "track.too_many", 429, "这次通话的录音分段太多了。", "There are too many parts of this call's recording."
)


class Sent(NamedTuple):
    """What came with a piece. `captured_ms`: how much of its own time the device has sent with it; `length`: bytes of the whole track,
    once they are known; `sha256`: of the piece; `interrupted`: another page sends it than the one that recorded."""

    offset: int
    captured_ms: int | None = None
    length: int | None = None
    sha256: bytes | None = None
    interrupted: bool = False


def opened(
    person: Person, capture: Capture, client_id: str, age_ms: int, *, length: int | None = None, by_server: bool = False
) -> Track:
    """Open a track whose first sample is `age_ms` old; `length`: its bytes, where they are known. The same `client_id` in the same capture
    returns the first one.

    Raises Refused: BAD_INPUT, NO_CONSENT, WITHDRAWN, CLOSED, TOO_LARGE, TOO_MANY_TRACKS, CLIENT_ID_CONFLICT.
    """
    if not CLIENT_ID.fullmatch(client_id) or age_ms < 0:
        raise Refused(BAD_INPUT)
    if (length or 0) > MAX_BYTES:
        raise Refused(TOO_LARGE)
    first = Track.objects.filter(person=person, client_id=client_id).select_related("capture").first()
    if first is None:
        try:
            return _open(person, capture, client_id, age_ms, length=length, by_server=by_server)
        except IntegrityError:  # asked for twice at once
            first = Track.objects.select_related("capture").get(person=person, client_id=client_id)
    if first.capture_id != capture.id:
        raise Refused(CLIENT_ID_CONFLICT)
    if first.state == Track.State.DROPPED:
        raise Refused(WITHDRAWN)
    return first


@transaction.atomic
def _open(person: Person, capture: Capture, client_id: str, age_ms: int, *, length: int | None, by_server: bool) -> Track:
    capture = Capture.objects.select_for_update().get(id=capture.id)
    if capture.state == Capture.State.DROPPED:
        raise Refused(WITHDRAWN)
    if capture.state not in {Capture.State.ON, Capture.State.WAITING, Capture.State.JOINING}:
        raise Refused(CLOSED)
    if str(person.id) not in capture.people:
        raise Refused(NO_CONSENT)
    if capture.tracks.filter(person=person).count() >= (MOST_BY_SERVER if by_server else MOST_TRACKS):
        raise Refused(TOO_MANY_TRACKS)
    started = max(capture.on_at, now_ms() - age_ms)
    if capture.off_at is not None and started > capture.off_at:
        raise Refused(OVER)
    captures.expect_more(capture.id)
    key = new_key(chart_of(capture.patient).id, Retention.DIALOGUE)
    named = {"person": person, "client_id": client_id, "length": length, "by_server": by_server}
    return Track.objects.create(capture=capture, started_at=started, key_id=key.id, **named)


def track_of(person: Person, track_id: UUID) -> Track:
    """This person's own track. Raises Refused(NOT_FOUND)."""
    found = Track.objects.select_related("capture").filter(id=track_id, person=person).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def lost(track: Track, ms: int) -> None:
    """So much of what a device sent to the server did not arrive there."""
    Track.objects.filter(id=track.id).exclude(missing_ms=ms).update(missing_ms=ms)


def key_for(track: Track) -> bytes:
    """The key under which the device keeps what it has not sent. Raises KeyShredded once the track was destroyed."""
    return device_key(open_key(track.key_id), "track", track.id)


def take(track: Track, sent: Sent, read: Callable[[int], bytes], ask: Callable[[], Window]) -> Track:
    """Add what `read` gives (at most so many bytes; b"" at its end), piece by piece, and ask for consent before each.

    With a checksum the bytes are one piece, kept as a whole or not at all. Raises Refused: WITHDRAWN, OVER, CLOSED, ELSEWHERE, MISHEARD,
    TOO_LARGE, TOO_LONG, BAD_INPUT; what was kept before stays, and the track's size says how much that is.
    """
    window = ask()
    _check_consent(track, window)
    if _complete(track, sent):
        return track
    _check(track, sent, window)
    offset = sent.offset
    while True:
        part = _filled(read)
        if sent.sha256 is not None:
            _compare(part, sent.sha256, rest=read(1))
        if part:
            _check(track, sent, ask())
            track = _kept(track, offset, part, sent)
            offset += len(part)
        if len(part) < pieces.PIECE_BYTES:
            return _ended(track, sent, offset)


def _filled(read: Callable[[int], bytes]) -> bytes:
    part = b""
    while len(part) < pieces.PIECE_BYTES and (more := read(pieces.PIECE_BYTES - len(part))):
        part += more
    return part


def _compare(part: bytes, sha256: bytes, *, rest: bytes) -> None:
    if rest:
        raise Refused(TOO_LARGE)
    if hashlib.sha256(part).digest() != sha256:
        raise Refused(MISHEARD)


def _complete(track: Track, sent: Sent) -> bool:
    """Whether this says the end of a track that has come to it, as who did not get the answer does. Raises Refused(ELSEWHERE) for bytes
    of it that are here."""
    if track.state not in {Track.State.ENDED, Track.State.SEALED} or track.length is None:
        return False
    if sent.offset < track.length:
        raise Refused(ELSEWHERE)
    return sent.offset == track.length == sent.length


def _check_consent(track: Track, window: Window) -> None:
    if not window.kept:
        dropping.drop(track.capture_id)
    if not window.kept or track.state == Track.State.DROPPED:
        raise Refused(WITHDRAWN)


def _check(track: Track, sent: Sent, window: Window) -> None:
    _check_consent(track, window)
    if track.state != Track.State.OPEN:
        raise Refused(CLOSED)
    if sent.offset > MAX_BYTES or (sent.length or 0) > MAX_BYTES:
        raise Refused(TOO_LARGE)
    captured = now_ms() - track.started_at if sent.captured_ms is None else sent.captured_ms
    if captured > MAX_SECONDS * 1000:
        raise Refused(TOO_LONG)
    if captured < 0 or track.started_at + captured > now_ms() + CLOCK_MS:
        raise Refused(BAD_INPUT, {"captured": {"zh": "时间不对。", "en": "The time is not valid."}})
    if window.off_at is not None and track.started_at + captured > window.off_at + SLICE_MS:
        raise Refused(OVER)


def _kept(track: Track, offset: int, part: bytes, sent: Sent) -> Track:
    """Seal, then count: a file without its row is nothing, and goes with the directory."""
    made = pieces.written(track, offset, part)
    try:
        with transaction.atomic():
            locked = _locked(track, offset, len(part), sent)
            Piece.objects.create(track=locked, offset=offset, size=made.size, path=made.path, sha256=made.sha256)
            locked.size += made.size
            locked.last_at = timezone.now()
            locked.save(update_fields=["size", "last_at"])
    except BaseException:
        pieces.removed(made)
        raise
    return locked


def _locked(track: Track, offset: int, size: int, sent: Sent) -> Track:
    locked = Track.objects.select_for_update().get(id=track.id)
    if locked.state != Track.State.OPEN:
        raise Refused(WITHDRAWN if locked.state == Track.State.DROPPED else CLOSED)
    if locked.size != offset:
        raise Refused(ELSEWHERE)
    if None not in {locked.length, sent.length} and locked.length != sent.length:
        raise Refused(
            BAD_INPUT, {"length": {"zh": "文件的长度不能再改。", "en": "The length of the file cannot change any more."}}
        )
    whole = next((one for one in (sent.length, locked.length) if one is not None), MAX_BYTES)
    if offset + size > whole or (size and locked.pieces.count() >= MOST_PIECES):
        raise Refused(TOO_LARGE)
    return locked


@transaction.atomic
def _ended(track: Track, sent: Sent, offset: int) -> Track:
    """Note how much of its time the device has sent, at `offset`; the track is complete once all its bytes are here."""
    locked = _locked(track, offset, 0, sent)
    if sent.captured_ms is not None:
        locked.captured_ms = max(locked.captured_ms, sent.captured_ms)
    locked.length = locked.length if sent.length is None else sent.length
    if locked.length == locked.size:
        locked.state = Track.State.ENDED
        transaction.on_commit(partial(captures.join, track.capture_id))  # it may have been the last that was waited for
    locked.interrupted |= sent.interrupted
    locked.save(update_fields=["captured_ms", "length", "interrupted", "state"])
    return locked
