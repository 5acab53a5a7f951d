"""What the world holds of sounds and pictures, through the real actions."""

import io
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from consult import timeline
from consult.attachments import uploads
from consult.calls import capturing as record
from consult.conversation import voice
from consult.models import Consultation
from consult.protocol import Posted
from records import charts
from records.accesslog import reviews
from records.ledger import chains
from records.ledger.models import Leaf
from records.plans import FollowUp
from tests.access.sounds import sound
from tests.cast import client_id, id_of, who
from tests.consult import capturing
from tests.consult.pictures import photo
from tests.transcription.deterministic import Deterministic
from transcription import jobs
from transcription.listening import Transcription
from transcription.models import Recording
from transcription.notes import Outline, Said
from transcription.recordings import Act, CallReceiver
from transcription.tracks.taking import Sent
from transcription.transcripts import keep_machine


def recorded_call(follow_up: FollowUp) -> Recording:
    receiver = CallReceiver(who("sun"), follow_up)
    receiver.write(sound())
    recording = receiver.finish(Act("call.wav", "zh", "spoken"), client_id())
    holder = uuid4()
    assert jobs.claim(recording.id, holder)
    line = {"id": 0, "start": 0.0, "end": 0.5, "speaker": "channel-1", "text": "您好", "confidence": 0.9, "words": []}
    body = {"segments": [line], "coverage": {"speech_s": 0.5, "covered_s": 0.5, "gaps": []}, "language": "zh", "rtf": 0.1}
    keep_machine(recording, holder, Deterministic(), Transcription(body, "zh", 1, []))
    return recording


def attached(key: str, thread: UUID) -> UUID:
    """Uploaded and sent."""
    receiver, message = uploads.admit(who(key), {"consultation_id": thread}), client_id()
    receiver.write(photo((8, 6)))
    row = receiver.finish(client_id(), "photo.jpg")
    receiver.discard()
    carried = uploads.bind(who(key), thread, [row.id], message)
    timeline.append(thread, "message.posted", who(key), Posted("", attachments=carried), message)
    return row.id


def recorded_talk(case: UUID) -> dict[str, UUID]:
    """A call that everybody let record, and one that is being recorded: Wang's side of it."""
    consultation = Consultation.objects.get(chain_id=case)
    over = capturing.recorded(consultation)
    for key in ("wang", "zhao"):
        track = record.open_track(who(key), over, 1, client_id(), 0)
        record.take(track, Sent(0, 500, len(sound())), io.BytesIO(sound()).read)
    capturing.hung_up(over)
    talk = capturing.settle().recording
    assert talk is not None
    call = capturing.recorded(consultation)
    return {"talk_id": talk.id, "call_id": call, "track_id": record.open_track(who("wang"), call, 1, client_id(), 0).id}


def voice_note(key: str, thread: UUID) -> UUID:
    """Said, sent and queued."""
    receiver = voice.admit(who(key), {"thread_id": thread})
    receiver.write(sound())
    note = receiver.finish(Said("voice.wav", Outline(0.5, [0])), client_id())
    message = client_id()
    said = Posted("", voice=voice.bind(who(key), thread, note.id, message))
    timeline.append(thread, "message.posted", who(key), said, message)
    assert voice.await_message(note.id)
    return note.id


def watched() -> dict[str, Any]:
    """The running month of the access log, which He Jun answers for, with one hint: Dr Zhao opened a colleague's record."""
    chart = charts.chart_of(who("qian"))
    with transaction.atomic(), chains.extend(chart.id) as tail:
        opened = tail.add(charts.OPENED, actor=id_of("zhao"))
    reviews.keep_up()
    review = reviews.name(who("he"), timezone.localdate().replace(day=1), id_of("he"))
    leaf = Leaf.objects.get(chain=chart.id, seq=opened.seq)
    return {"month": str(review), "key": f"colleague-{leaf.id}", "reviewer_id": id_of("he")}
