"""Everybody who could ask, in every relation to Wang's record, and the objects they could ask for."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.test import override_settings
from django.utils import timezone

from consult import consultations
from consult.broadcasts import composing, notices
from consult.calls import acts as calls
from consult.conversation import scheduled, sides
from consult.family import follow
from consult.models import Consultation
from consult.oversight import cases
from consult.packs import export
from consult.protocol import ConsultationClose, ConsultationReturn, SideInvite, SideOpen
from consult.protocol.calls import CallHangup
from consult.protocol.rooms import RoomInvite, RoomOpen
from consult.rooms import acts as rooms
from records import care, demo, family, grants, sampling, sessions
from records.charts import ChartEntry
from records.grants import AccessGrant
from records.ledger.sequencer import Sequencer
from records.people import CareRelationship, Department, Person, RoleGrant
from records.plans import FollowUp, Title, plan
from records.relatives import FamilyAccess
from records.retention import certificates, holds, requests
from records.retention.models import RightsRequest
from tests.access.carried import attached, recorded_call, recorded_talk, voice_note, watched
from tests.cast import Browser, client_id, consultation, id_of, who

REASON = "家属投诉回复太慢，需要核对完整的对话。"

# Subject -> whom of the cast it is; the others are made here.
CAST = {
    "own patient": "wang",
    "other patient": "wu",
    "relative": "chen",
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
    "nurse whose care has ended": ("N1010", "nurse", "cardiology"),
    "officer without a grant": ("C1011", "officer", None),
    "officer with an expired grant": ("C1012", "officer", None),
    "officer with a revoked grant": ("C1013", "officer", None),
    "officer who broke the glass": ("C1014", "officer", None),
    "relative who may only see": ("13900000001", "patient", None),
    "relative who hears calls": ("13900000004", "patient", None),
    "relative who sees medication": ("13900000005", "patient", None),
    "relative whose time is over": ("13900000002", "patient", None),
    "relative who was shut out": ("13900000003", "patient", None),
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


def build() -> World:
    """The cast and the others, Wang's consultations, her recorded call and the grants over it, through the real actions."""
    browsers = {subject: _signed_in(_login(subject)) for subject in SUBJECTS - {SIGNED_OUT}}
    browsers[SIGNED_OUT] = Browser()
    _once_cared_for("nurse whose care has ended")
    world = World(browsers, {"patient_id": id_of("wang")})
    _open_cases(world.ids)
    sessions.deactivate(_person(DEACTIVATED))
    _closed_case(world.ids)
    _granted_case(world)
    _kept(world.ids)
    _family(world.ids)
    world.ids["entry_id"] = ChartEntry.objects.filter(chart__patient=id_of("wang"), kind="note").get().id
    day = timezone.localdate()
    wish = sampling.Wish(day, day, 1, 8, rater=_person("officer without a grant").id)
    sample = sampling.plan(who("zhou"), wish, [world.ids["case_id"]], REASON)
    world.ids |= watched()
    world.ids |= {"factor_id": uuid4(), "sign_in_id": uuid4(), "sample_id": sample.id, "position": 1}
    world.ids["other_department_id"] = Department.objects.get(code="paediatrics").id
    link = "/api/consultations/{consultation_id}/attachments/{attachment_id}/link"
    world.ids["token"] = browsers["own patient"].get(world.path(link, "own patient")).json()["url"].rpartition("/")[2]
    return world


def _open_cases(ids: dict[str, Any]) -> None:
    """The case that Dr Zhao treats, with what is in it and beside it, and one that waits."""
    active = _given_back_and_claimed().id
    side, _ = sides.open_beside(who("zhao"), SideOpen("r", active, client_id()))
    sides.invite(who("zhao"), SideInvite("r", side, client_id(), _person("other department's doctor").id))
    soon = timezone.now() + timedelta(hours=1)
    ids |= {
        "side_room_id": _room(side, "other department's doctor"),
        "room_id": _room(active, "own patient", "other department's doctor"),
        "consultation_id": active,
        "thread_id": active,
        "side_id": side,
        "attachment_id": attached("wang", active),
        "side_attachment_id": attached("zhao", side),
        **recorded_talk(active),
        "note_id": voice_note("wang", active),
        "doctors_note_id": voice_note("zhao", active),
        "side_note_id": voice_note("zhao", side),
        "notices_id": notices.thread_of(id_of("wang")),
        "scheduled_id": scheduled.schedule(who("zhao"), active, client_id(), "x", soon).id,
        "broadcast_id": _broadcast(),
        "queued_id": consultation(doctor=None).id,
    }


def _closed_case(ids: dict[str, Any]) -> None:
    """The case that reviewers ask for: with a photo, and a recorded call that followed it."""
    closed = consultation(said=(("zhao", "您好"),)).id
    ids |= {"case_id": closed, "case_attachment_id": attached("wang", closed)}
    consultations.close(who("zhao"), ConsultationClose("r", closed, client_id(), "好转"))
    follow_up = _follow_up(closed)
    ids |= {"follow_up_id": follow_up.id, "recording_id": recorded_call(follow_up).id, "left_behind_id": _left_behind().id}


def _kept(ids: dict[str, Any]) -> None:
    """A case under holds, of one of which Officer Zhou asked for the release; and one that Wang wants erased."""
    described = cases.described(Consultation.objects.filter(chain=ids["case_id"])).get()
    ids["case_number"] = cases.number_of(described)
    place = {"patient": None, "case": ids["case_id"], "reason": "法院要求保全"}
    ids["hold_id"], ids["asked_hold_id"] = (holds.place(who("zhou"), **place).id for _ in range(2))
    holds.ask_release(who("zhou"), ids["asked_hold_id"], reason="案件已结")
    ids["retention"] = "dialogue"
    ids["request_id"] = requests.ask(who("wang"), consultation(said=(("zhao", "您好"),), summary="好转").id).id
    asked = RightsRequest.objects.get(chain=ids["request_id"])
    asked.done_at = timezone.now()
    RightsRequest.objects.filter(chain=asked.id).update(certificate=certificates.of(asked, []))


def _granted_case(world: World) -> None:
    """Grants in every state. One is asked for before another is granted, and waits for its decision."""
    case, ended = world.ids["case_id"], ("officer with an expired grant", "officer with a revoked grant")
    world.ids["waiting_id"] = _asked("officer with a grant", case).id
    given = {subject: _granted(subject, case).id for subject in ("officer with a grant", *ended)}
    packs = {subject: _pack(AccessGrant.objects.get(chain_id=grant)) for subject, grant in given.items()}
    world.own |= {subject: {"grant_id": given[subject], "pack_id": packs[subject]} for subject in ended}
    world.ids |= {"grant_id": given["officer with a grant"], "pack_id": packs["officer with a grant"]}
    glass = grants.break_glass(_person("officer who broke the glass"), case, reason=REASON).id
    world.own["officer who broke the glass"] = {"grant_id": glass}
    world.ids["glass_id"] = glass
    expired, revoked = (given[subject] for subject in ended)
    AccessGrant.objects.filter(chain_id=expired).update(expires_at=timezone.now() - timedelta(minutes=1))
    grants.revoke(who("he"), revoked, reason="不再需要")


def _once_cared_for(subject: str) -> None:
    care.join(id_of("wang"), _person(subject).id, "follow-up")
    care_then = CareRelationship.objects.filter(clinician=_person(subject))
    care_then.update(until=timezone.now() - timedelta(minutes=1))


def _family(ids: dict[str, Any]) -> None:
    """Whom Wang let in: her daughter to the record too, people to one part each; and two to all of it until their time was over."""

    def let_in(subject: str, *parts: str, messages: str = "none") -> FamilyAccess:
        person, scopes = _person(subject), family.Scopes(messages, **dict.fromkeys(parts, True))
        return family.let_in(who("wang"), phone=person.login, name=person.name, scopes=scopes, days=1)

    everything = ("record", "medication", "calls")
    ids["family_id"] = let_in("relative", "record", messages="ask").id
    let_in("relative who may only see", messages="see")
    let_in("relative who hears calls", "calls")
    let_in("relative who sees medication", "medication")
    family.shut_out(who("wang"), let_in("relative who was shut out", *everything, messages="ask").id)
    over = let_in("relative whose time is over", *everything, messages="ask")
    FamilyAccess.objects.filter(id=over.id).update(until=timezone.now() - timedelta(minutes=1))
    follow(id_of("wang"))


@override_settings(XINQIAO_JANUS_SOCKET="/nowhere")
def _room(thread: UUID, *guests: str) -> UUID:
    """One that Dr Zhao opened, asked people into, and left."""
    room = rooms.open_room(who("zhao"), RoomOpen("r", thread, client_id(), "zhaos-desk", ["audio"]), "line")
    for guest in guests:
        rooms.invite(who("zhao"), RoomInvite("r", room, client_id(), _person(guest).id))
    calls.hang_up(who("zhao"), CallHangup("r", room))
    return room


def _broadcast() -> UUID:
    words = composing.Words("x", "y")
    return composing.compose(who("sun"), client_id(), words, expected=1, patients=[id_of("wang")]).id


def _login(subject: str) -> str:
    if subject in CAST:
        return who(CAST[subject]).login
    login, role, department = OTHERS[subject]
    person = Person.objects.create(login=login, name=subject, password=make_password(demo.PASSWORD))
    RoleGrant.objects.create(person=person, role=role)
    person.departments.set(Department.objects.filter(code=department))
    return login


def _person(subject: str) -> Person:
    return who(CAST[subject]) if subject in CAST else Person.objects.get(login=OTHERS[subject][0])


def _signed_in(login: str) -> Browser:
    browser = Browser()
    assert browser.sign_in(login).status_code == 200, login
    if login.startswith("C"):  # compliance approves and exports, which asks for a factor shown lately
        browser.set_up_app(login)
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


def _left_behind() -> FollowUp:
    """A call of a nurse who has left."""
    nurse = Person.objects.create(login="N1008", name="nurse who left")
    RoleGrant.objects.create(person=nurse, role="nurse")
    nurse.departments.add(Department.objects.get(code="cardiology"))
    care.join(id_of("wang"), nurse.id, "follow-up")
    left = plan(nurse, id_of("wang"), Title("随访", "Call"), timezone.now())
    sessions.deactivate(nurse)
    return left


def _asked(subject: str, case: UUID) -> AccessGrant:
    parts = list(grants.CONTENT)
    return grants.request(_person(subject), case, content=parts, purpose="complaint", case_number="T-1", reason=REASON, hours=8)


def _granted(subject: str, case: UUID) -> AccessGrant:
    return grants.decide(who("he"), _asked(subject, case).id, approve=True, reason="理由充分")


def _pack(grant: AccessGrant) -> UUID:
    pack = export.ask(grant.requester, grant.id)
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert pack.state == "done", pack.failure
    return pack.id
