"""What becomes of a capture that is over: its tracks sealed and measured, then joined into one recording of the call, and transcribed.

Each step is its own transaction and can be done again: a worker that dies is followed by another. Runs in a process of its own,
because it decodes what came from outside (`python -m transcription.tracks.worker`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

import structlog
from av import FFmpegError
from django.db import InterfaceError, OperationalError, connection, transaction

from records.charts import chart_of
from records.errors import Refused
from records.ledger.chains import moment
from records.media import SealedReader, StorageAway
from records.vault import KeyMissing, KeyringError, new_key, open_key, shred
from records.vault.models import Retention
from transcription import jobs
from transcription.audio import decode
from transcription.failures import CUT_SHORT, LOST, NOT_DECODED, NOT_VERIFIED, NOT_WHOLE, CannotTranscribe
from transcription.formats import MP4, format_of
from transcription.models import Recording
from transcription.segments import sealed
from transcription.tracks import captures, dropping, pieces, taking
from transcription.tracks.fresh import Fresh
from transcription.tracks.mixing import Take, mixed
from transcription.tracks.models import Capture, Track

if TYPE_CHECKING:
    from uuid import UUID

    from records.media import Sealed
    from transcription.audio import Audio

log = structlog.get_logger(__name__)

BY_DEVICE: Final = "participant_device"
BY_SERVER: Final = "server"
LOST_MS: Final = 500  # of a voice on its way to the server, worth a warning: a word or two
# Less than this is the encoder's padding and the device's start, not something that somebody said.
MISSING_MS: Final = 1_500
MISSING_SHARE: Final = 0.02
OUTSIDE_MS: Final = 2 * taking.SLICE_MS
READ: Final = ("state", "size", "captured_ms", "missing_ms", "interrupted")  # what a track's recording depends on


class Measured(NamedTuple):
    """`audio` None: nothing could be decoded. `warnings`: codes of failures.WARNINGS."""

    audio: Audio | None
    missing_ms: int
    warnings: list[str]

    @property
    def seconds(self) -> float:
        return 0.0 if self.audio is None else self.audio.seconds


def run(capture_id: UUID, holder: UUID) -> None:
    """One worker's attempt at a claimed capture, which is given back where that was in vain and nobody's fault."""
    try:
        settle(Capture.objects.select_related("patient").get(id=capture_id), holder)
    except jobs.LeaseLost:
        captures.wait_again(capture_id, holder)
    except FFmpegError:  # some are OSErrors as well, and none of them is the disk's
        raise
    except (KeyringError, StorageAway, OSError) as error:
        log.warning("capture.postponed", capture=str(capture_id), reason=type(error).__name__)
        captures.postpone(capture_id, holder)
    except (OperationalError, InterfaceError):
        connection.close()
        captures.postpone(capture_id, holder)


def settle(capture: Capture, holder: UUID) -> None:
    """Seal what is not sealed, and join. Raises LeaseLost where somebody else does this now, or a device has sent more meanwhile."""
    before = list(capture.tracks.filter(state=Track.State.SEALED).select_related("recording"))
    heard = _all_sealed(capture, holder) | {track.id: _sealed_before(track) for track in before}
    kept = list(capture.tracks.filter(id__in=heard).order_by("started_at", "id"))
    takes = [
        Take(_channel(capture, track), offset(track, kept[0]), audio) for track in kept if (audio := heard[track.id].audio)
    ]
    if takes:
        _join(capture, holder, kept, mixed(takes))
    else:
        _finish(capture, holder, Capture.State.FAILED if kept else Capture.State.EMPTY)


def offset(track: Track, first: Track) -> float:
    """Seconds from the beginning of the call's recording, which is that of its first track, by the times that are in the ledger."""
    return (track.started_at - first.started_at) / 1000


def _channel(capture: Capture, track: Track) -> int:
    return int(track.person_id == capture.patient_id)


def _all_sealed(capture: Capture, holder: UUID) -> dict[UUID, Measured]:
    """Make recordings of the tracks that are none yet, one after the other.

    At the last attempt the first of them is the one at which every worker before this one died: it is kept and not listened to.
    """
    open_ = capture.tracks.filter(state__in=[Track.State.OPEN, Track.State.ENDED]).order_by("started_at", "id")
    made, deadly = {}, capture.attempt >= captures.ATTEMPTS
    for track in open_:
        try:
            found = _seal(capture, holder, track, listen=not deadly)
        except KeyMissing:
            log.critical("track.key_missing", track=str(track.id))  # nobody can open it, and the others are waited for
            continue
        deadly = False
        if found is not None:
            made[track.id] = found
    return made


def _seal(capture: Capture, holder: UUID, track: Track, *, listen: bool) -> Measured | None:
    """Make a recording of a track; None where there is nothing of it to keep."""
    fresh = Fresh(open_key(track.key_id), track.person_id)
    found: Measured | None = None
    try:
        damage = _copied(capture, track, fresh)
        warnings = [*damage, *([CUT_SHORT.code] if track.interrupted else [])]
        if fresh.writer.size or damage:
            found = _measured(capture, track, _decoded(fresh.source) if listen else None, warnings)
        with transaction.atomic():
            captures.came_further(capture.id, holder)
            _lock_as_read(capture, track)
            if found is None or _outside(capture, track, found):
                found = None
                dropping.forget([track])
            else:
                _keep(capture, track, fresh, found)
                if not damage:
                    _forget_pieces(track)
    except BaseException:
        fresh.discard()
        raise
    if found is None:
        fresh.discard()
    return found


def _copied(capture: Capture, track: Track, fresh: Fresh) -> list[str]:
    """Seal the bytes of a track anew, in segments that can be played from anywhere; returns warnings. What follows a hole would be played
    at the wrong time and is left out, but for a hole at the beginning: there is nothing else then. Raises StorageAway, KeyringError."""
    damaged = False
    for part in pieces.clear(track, patient=captures.waits_for_disk(capture)):
        if part is not None:
            fresh.writer.write(part)
        else:
            damaged = True
            if fresh.writer.size:
                break
    if damaged:
        log.error("track.damaged", track=str(track.id))
    fresh.writer.finish()
    return [NOT_VERIFIED.code] if damaged else []


def _measured(capture: Capture, track: Track, audio: Audio | None, warnings: list[str]) -> Measured:
    """Compare what was decoded with how long the device recorded: no decoder complains of a hole in a WebM."""
    expected = _expected_ms(capture, track)
    missing = expected - (0 if audio is None else round(audio.seconds * 1000))
    if missing <= max(MISSING_MS, expected * MISSING_SHARE):
        missing = 0
    unheard = [NOT_DECODED.code] if audio is None else []
    holes = [NOT_WHOLE.code] if missing else []
    if track.by_server and track.missing_ms > LOST_MS:
        missing, holes = missing + track.missing_ms, [*holes, LOST.code]
    return Measured(audio, missing, [*warnings, *unheard, *holes])


def _decoded(source: Sealed) -> Audio | None:
    try:
        return decode(cast("BinaryIO", SealedReader(source)), source.size)
    except CannotTranscribe:
        return None


def _expected_ms(capture: Capture, track: Track) -> int:
    """How long a device recorded: as it said at its end; one that never came to it, until the capture was over."""
    if track.state == Track.State.ENDED or capture.off_at is None:
        return track.captured_ms
    return max(track.captured_ms, capture.off_at - track.started_at)


def _outside(capture: Capture, track: Track, found: Measured) -> bool:
    """Whether a track holds more than there was consent for, whatever its device said of it."""
    assert capture.off_at is not None, "a capture is settled once it is over"
    outside = found.seconds * 1000 > capture.off_at - track.started_at + OUTSIDE_MS
    if outside:
        log.error("track.outside_consent", track=str(track.id), seconds=found.seconds)
    return outside


def _lock_as_read(capture: Capture, track: Track) -> None:
    """Let nothing more come into a track. Raises LeaseLost when something has since it was read, or another worker was there: its pieces
    are destroyed next, and whoever sent them relies on them."""
    locked = Track.objects.select_for_update().get(id=track.id)
    if any(getattr(locked, name) != getattr(track, name) for name in READ):
        raise jobs.LeaseLost(str(capture.id))


def _keep(capture: Capture, track: Track, fresh: Fresh, found: Measured) -> None:
    """The recording of a track, with its leaf."""
    recording = fresh.store(
        capture,
        f"track-{track.id.hex}",
        {"started_at": str(track.started_at), "provenance": BY_SERVER if track.by_server else BY_DEVICE},
        origin=Recording.Origin.TRACK,
        state=Recording.State.DONE,
        created_at=moment(track.started_at),  # when it was said, by which a grant covers it, not when it was put together
        media_type=format_of(fresh.writer.head).media_type,
        duration_s=found.seconds,
        channels=1,
        warnings=found.warnings,
    )
    Track.objects.filter(id=track.id).update(state=Track.State.SEALED, recording=recording, missing_ms=found.missing_ms)


def _forget_pieces(track: Track) -> None:
    """All that was in them is in the recording. Of a damaged track they stay beside it, under the same key: they are the original."""
    track.pieces.all().delete()
    transaction.on_commit(lambda: pieces.remove(track.id))


def _sealed_before(track: Track) -> Measured:
    """A track that a worker before this one has sealed."""
    assert track.recording is not None, "a sealed track has its recording"
    unheard = NOT_DECODED.code in track.recording.warnings
    try:
        audio = None if unheard else _decoded(sealed(track.recording))
    except Refused as error:
        if isinstance(error, KeyringError | StorageAway):
            raise
        audio = None
    return Measured(audio, track.missing_ms, track.recording.warnings)


def _join(capture: Capture, holder: UUID, tracks: list[Track], sound: bytes) -> None:
    """The recording of the call: the joined sound, a leaf that names the tracks, and the transcription queued."""
    with transaction.atomic():
        fresh = Fresh(new_key(chart_of(capture.patient).id, Retention.DIALOGUE), capture.asked_by_id)
    try:
        fresh.writer.write(sound)
        fresh.writer.finish()
        with transaction.atomic():
            ids = {"tracks": ",".join(str(track.recording_id) for track in tracks), "started_at": str(tracks[0].started_at)}
            kept = {"origin": Recording.Origin.TALK, "media_type": MP4.media_type, "channels": 2}
            made = fresh.store(capture, f"talk-{capture.id.hex}", ids, created_at=moment(tracks[0].started_at), **kept)
            _finish(capture, holder, Capture.State.DONE, made)
            jobs.enqueue(made)
    except BaseException:
        fresh.discard()
        shred([fresh.key.id])
        raise


def _finish(capture: Capture, holder: UUID, state: str, recording: Recording | None = None) -> None:
    """Raises LeaseLost."""
    held = Capture.objects.filter(id=capture.id, holder=holder, state=Capture.State.JOINING)
    if not held.update(state=state, recording=recording, holder=None, lease_until=None):
        raise jobs.LeaseLost(str(capture.id))
