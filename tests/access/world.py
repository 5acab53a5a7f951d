"""Everybody who could ask, in every relation to Wang's record, and the objects they could ask for."""

import io
import wave
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from consult import attachments, broadcasting, consultations, export, noticeboard, scheduled, sides, timeline, voice
from consult.protocol import ConsultationClose, ConsultationReturn, Posted, SideInvite, SideOpen
from records import demo, grants, sessions
from records.charts import ChartEntry
from records.grants import AccessGrant
from records.ledger.sequencer import Sequencer
from records.people import Department, Person, RoleGrant
from records.plans import FollowUp, Title, plan
from tests.cast import Browser, client_id, consultation, id_of, who
from tests.consult.pictures import photo
from transcription import jobs
from transcription.listening import Transcription
from transcription.models import Recording
from transcription.notes import Outline, Said
from transcription.recordings import Act, CallReceiver
from transcription.transcripts import keep_machine

REASON = "家属投诉回复太慢，需要核对完整的对话。"

# Subject -> whom of the cast it is; the others are made here.
CAST = {
    "own patient": "wang",
    "other patient": "wu",
    "treating doctor": "zhao",
    "colleague": "qian",
    "other department's doctor": "liu",
    "nurse on the team": "sun",
    "officer with a grant": "zhou",
    "approver": "he",
    "administrator": "lin",
}
# Subject -> login, role, department
OTHERS = {
    "former doctor": ("D1009", "doctor", "cardiology"),
    "deactivated doctor": ("D1008", "doctor", "cardiology"),
    "lead of the department": ("L1001", "lead", "cardiology"),
    "nurse not on the team": ("N1009", "nurse", "cardiology"),
    "officer without a grant": ("C1011", "officer", None),
    "officer with an expired grant": ("C1012", "officer", None),
    "officer with a revoked grant": ("C1013", "officer", None),
    "auditor": ("U1001", "auditor", None),
}
SIGNED_OUT = "signed out"
DEACTIVATED = "deactivated doctor"
SUBJECTS = frozenset({*CAST, *OTHERS, SIGNED_OUT})


@dataclass
class World:
    """`ids` fills the parameters of addresses; `own` replaces them for subjects who have an object of their own."""

    browsers: dict[str, Browser]
    ids: dict[str, Any]
    own: dict[str, dict[str, UUID]] = field(default_factory=dict)

    def path(self, template: str, subject: str) -> str:
        return template.format(**{**self.ids, **self.own.get(subject, {})})


@dataclass(frozen=True)
class _Engine:
    name: str = "engine"
    model: str = "model"
    model_version: str = "0"


def build() -> World:
    """The cast and the others, Wang's consultations, her recorded call and the grants over it, through the real actions."""
    browsers = {subject: _signed_in(_login(subject)) for subject in SUBJECTS - {SIGNED_OUT}}
    browsers[SIGNED_OUT] = Browser()
    active = _given_back_and_claimed()
    side, _ = sides.open_beside(who("zhao"), SideOpen("r", active.id, client_id()))
    invited = _person("other department's doctor")
    sides.invite(who("zhao"), SideInvite("r", side, client_id(), invited.id))
    queued = consultation(doctor=None)
    closed = consultation(said=(("zhao", "您好"),))
    in_case = _attachment("wang", closed.id)
    consultations.close(who("zhao"), ConsultationClose("r", closed.id, client_id(), "好转"))
    sessions.deactivate(_person(DEACTIVATED))
    follow_up = _follow_up(closed.id)
    recording = _recording(follow_up)
    # Asked for before it is granted; another one waits for its decision.
    waiting = _asked("officer with a grant", closed.id)
    granted = _granted("officer with a grant", closed.id)
    expired, revoked = (
        _granted(subject, closed.id) for subject in ("officer with an expired grant", "officer with a revoked grant")
    )
    packs = {grant.id: _pack(grant) for grant in (granted, expired, revoked)}
    AccessGrant.objects.filter(chain_id=expired.id).update(expires_at=timezone.now() - timedelta(minutes=1))
    grants.revoke(who("he"), revoked.id, reason="不再需要")
    ids = {
        "patient_id": id_of("wang"),
        "entry_id": ChartEntry.objects.filter(chart__patient=id_of("wang"), kind="note").get().id,
        "consultation_id": active.id,
        "side_id": side,
        "thread_id": active.id,
        "attachment_id": _attachment("wang", active.id),
        "side_attachment_id": _attachment("zhao", side),
        "case_attachment_id": in_case,
        "note_id": _voice_note("wang", active.id),
        "side_note_id": _voice_note("zhao", side),
        "notices_id": noticeboard.thread_of(id_of("wang")),
        "scheduled_id": scheduled.schedule(who("zhao"), active.id, client_id(), "x", timezone.now() + timedelta(hours=1)).id,
        "broadcast_id": _broadcast(),
        "other_department_id": Department.objects.get(code="paediatrics").id,
        "queued_id": queued.id,
        "case_id": closed.id,
        "follow_up_id": follow_up.id,
        "recording_id": recording.id,
        "grant_id": granted.id,
        "waiting_id": waiting.id,
        "pack_id": packs[granted.id],
    }
    own = {
        "officer with an expired grant": {"grant_id": expired.id, "pack_id": packs[expired.id]},
        "officer with a revoked grant": {"grant_id": revoked.id, "pack_id": packs[revoked.id]},
    }
    world = World(browsers, ids, own)
    link = "/api/consultations/{consultation_id}/attachments/{attachment_id}/link"
    world.ids["token"] = browsers["own patient"].get(world.path(link, "own patient")).json()["url"].rpartition("/")[2]
    return world


def _broadcast() -> UUID:
    words = broadcasting.Words("x", "y")
    return broadcasting.compose(who("sun"), client_id(), words, expected=1, patients=[id_of("wang")]).id


def _login(subject: str) -> str:
    if subject in CAST:
        return who(CAST[subject]).login
    login, role, department = OTHERS[subject]
    person = Person.objects.create(login=login, name=subject, password=make_password(demo.PASSWORD))
    RoleGrant.objects.create(person=person, role=role)
    if department:
        person.departments.add(Department.objects.get(code=department))
    return login


def _person(subject: str) -> Person:
    return who(CAST[subject]) if subject in CAST else Person.objects.get(login=OTHERS[subject][0])


def _signed_in(login: str) -> Browser:
    browser = Browser()
    assert browser.sign_in(login).status_code == 200, login
    return browser


def _given_back_and_claimed() -> Any:
    """Wang's consultation: first the former doctor's and the deactivated doctor's, now Dr Zhao's."""
    case = consultation(doctor=None)
    for subject in ("former doctor", DEACTIVATED):
        consultations.claim(_person(subject), case.id)
        consultations.give_back(_person(subject), ConsultationReturn("r", case.id, "give-back-1", "换班"))
    consultations.claim(who("zhao"), case.id)
    return case


def _follow_up(case: UUID) -> FollowUp:
    return plan(who("sun"), id_of("wang"), Title("随访", "Call"), timezone.now(), origin=case)


def sound() -> bytes:
    """Half a second of silence as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    return out.getvalue()


def _recording(follow_up: FollowUp) -> Recording:
    receiver = CallReceiver(who("sun"), follow_up)
    receiver.write(sound())
    recording = receiver.finish(Act("call.wav", "zh", "spoken"), client_id())
    holder = uuid4()
    assert jobs.claim(recording.id, holder)
    line = {"id": 0, "start": 0.0, "end": 0.5, "speaker": "channel-1", "text": "您好", "confidence": 0.9, "words": []}
    body = {"segments": [line], "coverage": {"speech_s": 0.5, "covered_s": 0.5, "gaps": []}, "language": "zh", "rtf": 0.1}
    keep_machine(recording, holder, _Engine(), Transcription(body, "zh", 1, []))  # type: ignore[arg-type]
    return recording


def _asked(subject: str, case: UUID) -> AccessGrant:
    parts = ["conversation", "recordings", "transcripts"]
    return grants.request(_person(subject), case, content=parts, purpose="complaint", case_number="T-1", reason=REASON, hours=8)


def _attachment(key: str, thread: UUID) -> UUID:
    """Uploaded and sent."""
    receiver, message = attachments.admit(who(key), {"consultation_id": thread}), client_id()
    receiver.write(photo((8, 6)))
    row = receiver.finish(client_id(), "photo.jpg")
    receiver.discard()
    carried = attachments.bind(who(key), thread, [row.id], message)
    timeline.append(thread, "message.posted", who(key), Posted("", attachments=carried), message)
    return row.id


def _voice_note(key: str, thread: UUID) -> UUID:
    """Said, sent and queued."""
    receiver = voice.admit(who(key), {"thread_id": thread})
    receiver.write(sound())
    note = receiver.finish(Said("voice.wav", Outline(0.5, [0])), client_id())
    message = client_id()
    timeline.append(
        thread, "message.posted", who(key), Posted("", voice=voice.bind(who(key), thread, note.id, message)), message
    )
    assert voice.await_message(note.id)
    return note.id


def _granted(subject: str, case: UUID) -> AccessGrant:
    return grants.decide(who("he"), _asked(subject, case).id, approve=True, reason="理由充分")


def _pack(grant: AccessGrant) -> UUID:
    pack = export.ask(grant.requester, grant.id)
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert pack.state == "done", pack.failure
    return pack.id
