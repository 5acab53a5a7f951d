"""Side threads: what clinicians say to each other about a case, and the patient never sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, prefetch_related_objects

from consult import audiences, consultations, protocol, timeline
from consult.errors import CLOSED, NO_COLLEAGUE
from consult.models import Consultation, SideMember, SideThread
from consult.waiting_room import cursors, last_lines, unread
from records.access import require
from records.errors import NOT_FOUND, Refused
from records.ledger.models import Chain
from records.people import CLINICAL, Person
from records.views import BRIEF, bilingual, brief, patient_brief

if TYPE_CHECKING:
    from uuid import UUID

    from consult.audiences import Thread
    from consult.timeline import Appended

LISTED = 200
State = Consultation.State


@transaction.atomic
def open_beside(person: Person, command: protocol.SideOpen) -> tuple[UUID, Appended]:
    """The side thread of a case, made by the first who asks. Returns its id and its opening act."""
    case = consultations.load(person, command.consultation, "side.open", lock=True)
    side = SideThread.objects.filter(about=case).first()
    if side is not None:
        first = side.chain.events.get(seq=1)
        return side.chain_id, timeline.Appended(first.seq, first.at)
    if case.state == State.CLOSED:
        raise Refused(CLOSED)
    chain = Chain.objects.create(kind=Chain.Kind.SIDE)
    SideThread.objects.create(chain=chain, about=case)
    appended = timeline.append(chain.id, "side.opened", person, protocol.SideOpened(case.id), command.client_id)
    return chain.id, appended


@transaction.atomic
def invite(person: Person, command: protocol.SideInvite) -> Appended:
    """Ask a colleague in. Repeating it changes nothing."""
    thread = audiences.load(person, command.consultation)
    require(person, "side.invite", thread)
    body = protocol.SideJoined(command.person)
    if done := timeline.repeated(thread.id, person, command.client_id, body):
        return done
    return add(person, thread, command.person, command.client_id)


def add(person: Person, thread: Thread, colleague: UUID, client_id: str) -> Appended:
    """Make a clinician a member, in the caller's transaction. Raises `Refused(NO_COLLEAGUE)` for anybody else, the patient above all."""
    side = SideThread.objects.select_for_update().get(chain_id=thread.id)
    assert thread.consultation is not None, "a side thread is about a case"
    if thread.consultation.state == State.CLOSED:
        raise Refused(CLOSED)
    if not _clinicians().filter(id=colleague).exclude(id=thread.patient).exists():
        raise Refused(NO_COLLEAGUE)
    SideMember.objects.get_or_create(side=side, person_id=colleague)
    return timeline.append(thread.id, "side.joined", person, protocol.SideJoined(colleague), client_id)


def mine(person: Person) -> list[dict[str, Any]]:
    """The side threads of a clinician, the newest words first."""
    require(person, "side.list")
    member = SideMember.objects.filter(person=person).values("side")
    rows = SideThread.objects.filter(Q(chain__in=member) | Q(about__assignee=person), about__kept="").exclude(
        about__patient=person
    )
    found = list(rows.select_related("about__patient", "about__department", "about__assignee").order_by("-last_at")[:LISTED])
    return _described(person, found)


def beside(person: Person, case_id: UUID) -> dict[str, Any]:
    """The side thread of one case, for somebody who belongs to it; else `Refused(NOT_FOUND)`."""
    side = (
        SideThread.objects.select_related("about__patient", "about__department", "about__assignee")
        .filter(about=case_id)
        .first()
    )
    if side is None:
        raise Refused(NOT_FOUND)
    thread = audiences.load(person, side.chain_id)
    require(person, "side.read", thread)
    return {**_described(person, [side])[0], "cursors": cursors(side.chain_id)}


def colleagues(person: Person, query: str) -> list[Person]:
    """Active clinicians whose name contains `query`, in order of names; at most 50."""
    require(person, "side.list")
    rows = _clinicians().filter(name__icontains=query.strip()).exclude(id=person.id)
    return list(rows.prefetch_related(*BRIEF).order_by("name")[:50])


def _clinicians() -> Any:
    return Person.objects.filter(is_active=True, id__in=Person.objects.filter(roles__role__in=CLINICAL).values("id"))


def _described(person: Person, found: list[SideThread]) -> list[dict[str, Any]]:
    ids = [side.chain_id for side in found]
    lines, counts = last_lines(ids), unread(person, ids)
    prefetch_related_objects(found, "members", *(f"about__patient__{name}" for name in BRIEF))
    belong = {side.chain_id: audiences.colleagues(side) for side in found}
    everybody = {person for members in belong.values() for person in members}
    people = sorted(Person.objects.filter(id__in=everybody).prefetch_related(*BRIEF), key=lambda p: p.name)
    return [
        {
            "id": side.chain_id,
            "about": _about(side.about),
            "members": [brief(p) for p in people if p.id in belong[side.chain_id]],
            "unread": counts[side.chain_id][0],
            "last_at": side.last_at,
            "last_line": lines.get(side.chain_id),
        }
        for side in found
    ]


def _about(case: Consultation) -> dict[str, Any]:
    """What the case is known by to colleagues who were asked: whose it is, and where; nothing that was said."""
    department = case.department
    name = bilingual(department.name_zh, department.name_en)
    return {"consultation": case.id, "patient": patient_brief(case.patient), "department": name, "state": case.state}
