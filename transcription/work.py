"""What one transcription job does, once it is claimed."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from records import charts
from records.errors import Refused
from records.media import StorageAway
from records.vault import KeyMissing, KeyringError, SealBroken
from transcription import audio, engines, jobs, peaks, transcripts, vocabulary
from transcription.failures import DAMAGED, EMPTY, NOTE_TOO_LONG, TRACK_LOST, CannotTranscribe
from transcription.listening import Track, listen
from transcription.models import Recording
from transcription.notes import MOST_SECONDS
from transcription.sources import sources_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

T = TypeVar("T")

log = structlog.get_logger(__name__)

MEDICATION: Final = "medication"
AWAY: Final = (KeyringError, StorageAway)
WAIT_SECONDS: Final = (1, 2, 4, 8, *[15] * 7)  # two minutes; who waits for this process renews the lease
PROGRESS_SECONDS: Final = 1.0
ALMOST: Final = 0.99  # 1 is said by the transaction that stores the transcript


def run(recording_id: UUID, holder: UUID) -> None:
    """Store a transcript or a named failure. Raises LeaseLost, and then nothing is stored."""
    recording = Recording.objects.get(id=recording_id)
    try:
        _transcribe(recording, holder)
    except CannotTranscribe as found:
        jobs.fail(recording_id, holder, found.kind)


def _transcribe(recording: Recording, holder: UUID) -> None:
    tracks, lost = _patiently(partial(_tracks, recording))
    seconds = max(track.offset + track.audio.seconds for track in tracks)
    channels = sum(1 if track.speaker else track.audio.channels for track in tracks)
    Recording.objects.filter(id=recording.id).update(duration_s=seconds, channels=channels)
    if recording.origin != Recording.Origin.VOICE:  # its recorder measured a voice note
        peaks.keep(recording, tracks)
    elif seconds > MOST_SECONDS:
        raise CannotTranscribe(NOTE_TOO_LONG)  # its sender said otherwise, and others wait
    engine = engines.load(settings.XINQIAO_SPEECH_ENGINE)
    heard = listen(tracks, engine, recording.language, Progress(recording.id, holder), _terms(recording))
    if lost:
        heard.warnings.append(TRACK_LOST.code)
    _patiently(partial(transcripts.keep_machine, recording, holder, engine, heard))


def _patiently(work: Callable[[], T]) -> T:
    """Again while keyring or storage is away: that is no fault of the recording. Raises what the last attempt raised, and somebody takes
    the job up again."""
    for wait in WAIT_SECONDS:
        try:
            return work()
        except AWAY as error:
            log.warning("transcription.waits", reason=error.kind.code)
            time.sleep(wait)
    return work()


def _tracks(recording: Recording) -> tuple[list[Track], int]:
    """What can be heard of a recording, and how many of its tracks cannot. Raises CannotTranscribe when that is all of them; AWAY."""
    tracks, lost = [], []
    try:
        for source in sources_of(recording):
            try:
                tracks.append(Track(source.speaker, source.offset, audio.decode(source.file, source.size)))
            except CannotTranscribe as found:
                lost.append(found)
    except AWAY:
        raise
    except Refused as error:
        raise CannotTranscribe(DAMAGED) from error
    if not tracks:
        raise lost[0] if lost else CannotTranscribe(EMPTY)
    return tracks, len(lost)


def _terms(recording: Recording) -> vocabulary.Terms:
    """The names of medicines, first those in the patient's chart; but not for a voice note, which people hear who may not see those.

    What cannot be read is said in the log, and is no reason not to transcribe.
    """
    terms = vocabulary.read(vocabulary.OURS)
    try:
        if settings.XINQIAO_SPEECH_TERMS:
            terms = vocabulary.read(settings.XINQIAO_SPEECH_TERMS, vocabulary.OURS)
        if recording.origin != Recording.Origin.VOICE:
            taken = charts.current(charts.entries(charts.chart_of(recording.patient), [MEDICATION]), MEDICATION)
            terms = terms.first(" ".join(entry.content.text for entry in taken))
    except (OSError, UnicodeDecodeError, SealBroken, KeyMissing) as error:
        log.warning("speech_terms.unreadable", reason=type(error).__name__)
    return terms


class Progress:
    """Writes progress to the job's row, at most once in PROGRESS_SECONDS. Raises LeaseLost.

    A database that does not answer for a moment costs a number on a page, not the work done so far.
    """

    def __init__(self, recording_id: UUID, holder: UUID) -> None:
        self._recording_id, self._holder = recording_id, holder
        self._next = 0.0

    def __call__(self, value: float) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            try:
                jobs.report(self._recording_id, self._holder, min(value, ALMOST))
            except (OperationalError, InterfaceError):
                if not connection.in_atomic_block:
                    connection.close()  # the next statement opens another
