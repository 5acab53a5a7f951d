"""Another try at a transcription that failed: somebody asks for it, asking twice is asking once, and each comes later than the last."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from records.errors import ErrorKind, Refused
from transcription import failures, jobs
from transcription.models import Job, Recording, Transcript

if TYPE_CHECKING:
    from uuid import UUID

# After the first try, the second, ...: a model that is missing may be installed tomorrow, but nobody keeps a processor busy by tapping.
WAITS: Final = (timedelta(0), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))

NO_USE: Final = ErrorKind(
    "voice.no_use",
    409,
    "这段语音不用再转写：要么已经有文字，要么再试结果也一样。",
    "There is nothing to transcribe again: the words are there already, or another try would end alike.",
)
TOO_SOON: Final = ErrorKind(
    "voice.tried_lately",
    429,
    "已经重试过几次了，请过一会儿再试。语音可以照常听。",
    "This was tried several times. Please wait a while before the next try; the note can be played meanwhile.",
    retry=True,
)


def hopeful(recording: Recording) -> bool:
    """Whether another try could give words that are not there: it failed for a reason that may pass, and nobody wrote them meanwhile."""
    failed = recording.state == Recording.State.FAILED and failures.FAILURES[recording.failure].retry
    return failed and not Transcript.objects.filter(recording=recording).exists()


@transaction.atomic
def again(recording_id: UUID, tries: int) -> None:
    """Queue it once more after `tries` tries have failed. One that runs, is done, or was tried again since stays as it is.

    Raises Refused: NO_USE, TOO_SOON.
    """
    recording = Recording.objects.select_for_update().get(id=recording_id)
    job = Job.objects.filter(recording=recording).first()
    if job is None or recording.state != Recording.State.FAILED or job.tries != tries:
        return
    if not hopeful(recording):
        raise Refused(NO_USE)
    wait = job.sent_at + WAITS[min(tries, len(WAITS)) - 1] - timezone.now()
    if wait > timedelta(0):
        raise Refused(TOO_SOON, retry_after=wait.total_seconds())
    jobs.enqueue(recording)
