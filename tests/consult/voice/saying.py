"""What the tests of voice notes share: recording one, sending it, and doing its job."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from consult import protocol, timeline
from consult.conversation import messages, voice
from consult.models import Event
from tests.cast import Browser, client_id, who
from transcription import jobs, work
from transcription.models import Recording

Open = Callable[[str], Browser]
PEAKS = [0, 40, 100, 25]


def upload(browser: Browser, thread: UUID, sound: bytes, **fields: Any) -> Any:
    form = {"client_id": client_id(), "duration_s": "4.2", "peaks": json.dumps(PEAKS), **fields}
    token = browser.client.cookies["xinqiao_csrf"].value
    sent = {**form, "file": SimpleUploadedFile("voice.webm", sound)}
    return browser.client.post(f"/api/consultations/{thread}/voice-notes", sent, headers={"X-CSRFToken": token})


def post(key: str, thread: UUID, note: UUID | str, text: str = "", id_: str | None = None) -> int:
    """Send a message that carries the note; returns its sequence number."""
    command = protocol.MessageSend("test", thread, id_ or client_id(), text, voice=UUID(str(note)))
    body = msgspec.json.decode(messages.prepare(who(key), command), type=protocol.Posted)
    with transaction.atomic():
        seq = timeline.append(thread, "message.posted", who(key), body, command.client_id).seq
    assert voice.await_message(UUID(str(note)))
    return seq


def transcribe(note: UUID | str) -> Recording:
    """Do the note's job as a worker would, and hand its text on."""
    recording, holder = Recording.objects.get(id=note), uuid4()
    assert jobs.claim(recording.id, holder)
    work.run(recording.id, holder)
    voice.told(recording.id)
    recording.refresh_from_db()
    return recording


def sent(browser: Browser, key: str, thread: UUID, sound: bytes) -> tuple[str, int]:
    """A note that was uploaded and posted: its id and the message's place."""
    answer = upload(browser, thread, sound)
    assert answer.status_code == 201, answer.content
    note = answer.json()["id"]
    return note, post(key, thread, note)


def events(thread: UUID, kind: str) -> list[Any]:
    return [json.loads(timeline.body_of(row)) for row in Event.objects.filter(thread=thread, kind=kind).order_by("seq")]


def served(thread: UUID) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in timeline.since(thread, 0).events]


def files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


def retract(key: str, thread: UUID, seq: int) -> None:
    messages.retract(who(key), protocol.MessageRetract("1", thread, client_id(), seq))


def old(note: str, **ago: float) -> None:
    then = timezone.now() - timedelta(**ago)
    row = Recording.objects.filter(id=note)
    row.update(created_at=then)
    row.filter(message__isnull=False).update(message_at=then)
