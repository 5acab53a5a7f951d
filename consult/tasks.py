"""Work that happens beside the server. Messages carry ids, the rows carry everything else; a repeated message does no harm."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from consult.attachments import files
from consult.broadcasts import composing, sending
from consult.calls import capturing, plans, watching
from consult.conversation import scheduled, voice
from consult.packs import export
from consult.rooms import leftovers


@shared_task(name=export.TASK, ignore_result=True)
def make_pack(pack_id: str) -> None:
    export.make(UUID(pack_id))


@shared_task(name="consult.sweep_packs", ignore_result=True)
def sweep_packs() -> dict[str, int]:
    """Run by beat."""
    return export.sweep()


@shared_task(name="consult.sweep_attachments", ignore_result=True)
def sweep_attachments() -> dict[str, int]:
    """Run by beat."""
    return files.sweep()


@shared_task(name=voice.POSTED_TASK, ignore_result=True)
def voice_posted(note_id: str) -> None:
    """A voice note was given to a message: once that is posted, transcribe it."""
    voice.await_message(UUID(note_id))


@shared_task(name=voice.TRANSCRIBED_TASK, ignore_result=True)
def voice_transcribed(note_id: str) -> None:
    """The transcription's result, on its way up."""
    voice.told(UUID(note_id))


@shared_task(name="consult.sweep_voice_notes", ignore_result=True)
def sweep_voice_notes() -> dict[str, int]:
    """Run by beat."""
    return voice.sweep()


@shared_task(name="consult.sweep_captures", ignore_result=True)
def sweep_captures() -> dict[str, int]:
    """Run by beat."""
    return capturing.sweep()


@shared_task(name="consult.sweep_rooms", ignore_result=True)
def sweep_rooms() -> int:
    """Run by beat, for what a process that died left at the media server."""
    return leftovers.sweep()


@shared_task(name="consult.send_scheduled", ignore_result=True)
def send_scheduled() -> dict[str, int]:
    """Run by beat."""
    return scheduled.sweep()


@shared_task(name=composing.TASK, ignore_result=True)
def send_broadcast(broadcast_id: str) -> None:
    sending.work(UUID(broadcast_id))


@shared_task(name="consult.sweep_calls", ignore_result=True)
def sweep_calls() -> int:
    """Run by beat, for when no process serves sockets."""
    return watching.sweep()


@shared_task(name="consult.remind_calls", ignore_result=True)
def remind_calls() -> dict[str, int]:
    """Run by beat."""
    return plans.sweep()


@shared_task(name="consult.sweep_broadcasts", ignore_result=True)
def sweep_broadcasts() -> int:
    """Run by beat."""
    return sending.sweep()
