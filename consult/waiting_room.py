"""Lists of consultations: a patient's own, a clinician's queue, and what each row says."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from consult import family, protocol, terms, timeline
from consult.calls import before, photos, plans
from consult.calls.missed import missed
from consult.models import Consultation, Cursor, Event, SideThread
from records.access import can, require
from records.ledger.models import Chain
from records.people import CLINICAL, Person, Role
from records.views import bilingual, brief, patient_brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

State = Consultation.State
CLOSED_SHOWN: Final = 20
LISTED: Final = 200  # rows in any one list
LINE_CHARS: Final = 80
LOOKED_AT: Final = 500  # acts after a cursor, to count what is unread: pages say 99+ long before
# Nothing to be read in them. Of a call, the invitation counts: it may have been missed.
UNREMARKABLE: Final = (
    "receipt.read", "message.retracted", "voice.transcribed", "side.opened", "call.answered", "call.dropped", "call.returned",
    "call.ended", "call.judged", "call.unplanned", "recording.asked", "recording.answered", "recording.started",
    "recording.stopped", "room.joined", "room.left", "room.closed", "captions.asked", "captions.answered", "captions.stopped",
)  # fmt: skip
# Sorted by the database, before any list is cut: an emergency at the end of a long queue must not fall off it.
CALM: Final = Case(When(red_flags=[], then=Value(1)), default=Value(0))
UNTOLD: Final[dict[str, Any]] = {"red_flags": [], "unread": 0}  # of a case whose words this reader may not see
RELATED: Final = ("patient", "department", "assignee", "chain")
PEOPLE: Final = ("patient__roles", "patient__departments", "assignee__roles", "assignee__departments")


def own(person: Person) -> list[dict[str, Any]]:
    """A patient's consultations with those of people who let them in as family, or those a clinician treats; newest first."""
    require(person, "consultation.list")
    mine = (
        (Q(patient=person) & ~Q(kept=Consultation.Kept.SHREDDED)) | Q(patient__in=family.helped_by(person), kept="")
        if Role.PATIENT in person.role_set
        else Q(assignee=person, kept="")
    )
    return describe(person, _rows(mine).order_by("-last_at")[:LISTED])


def queue(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What a clinician has to do, in the order to do it: emergencies first, then the longest waiting; and what they finished, of which
    a case that was sealed or destroyed is named and not told."""
    require(person, "queue.list")
    mine = _rows(Q(assignee=person, state=State.ACTIVE))
    waiting = _rows(Q(department__in=person.department_ids, state=State.QUEUED)).exclude(patient=person)
    closed = _rows(Q(assignee=person, state=State.CLOSED)).order_by("-closed_at")[:CLOSED_SHOWN]
    needs_reply = mine.filter(needs_reply_since__isnull=False).order_by(CALM, "needs_reply_since")[:LISTED]
    answered = mine.filter(needs_reply_since__isnull=True).order_by("-last_at")[:LISTED]
    return {
        "needs_reply": describe(person, needs_reply),
        "queued": describe(person, waiting.order_by(CALM, "opened_at")[:LISTED]),
        "waiting_patient": describe(person, answered),
        "closed": describe(person, closed),
    }


def one(person: Person, consultation: Consultation) -> dict[str, Any]:
    """One consultation in full: the row, its people and how far each has read."""
    row = describe(person, [consultation])[0]
    people = [found for found in (consultation.patient, consultation.assignee) if found is not None]
    shown = [*(brief(found) for found in people), *family.introduced(consultation)]
    return {
        **row,
        "participants": shown,
        "cursors": cursors(consultation.id),
        "before_call": before.known(person, consultation),
        "photo_asked": photos.asked(consultation),
    }


def cursors(thread: UUID) -> list[dict[str, Any]]:
    """How far each person's devices have received and read a thread."""
    return [
        {
            "person": c.person_id,
            "delivered": c.delivered,
            "read": c.read,
            "delivered_at": c.delivered_at,
            "read_at": c.read_at,
        }
        for c in Cursor.objects.filter(thread=thread)
    ]


def positions(consultations: Iterable[Consultation]) -> dict[UUID, int]:
    """How many people are ahead of each that still waits: emergencies first, then whoever came earlier."""
    waiting = [c.id for c in consultations if c.state == State.QUEUED]
    if not waiting:
        return {}
    queue = Consultation.objects.filter(department=OuterRef("department"), state=State.QUEUED).annotate(calm=CALM)
    earlier = Q(calm=OuterRef("calm"), opened_at__lt=OuterRef("opened_at"))
    ahead = (
        queue.filter(Q(calm__lt=OuterRef("calm")) | earlier).order_by().values("department").annotate(n=Count("pk")).values("n")
    )
    found = Consultation.objects.filter(chain_id__in=waiting).annotate(calm=CALM, ahead=Coalesce(Subquery(ahead), 0))
    return dict(found.values_list("chain_id", "ahead"))


def describe(person: Person, consultations: Iterable[Consultation]) -> list[dict[str, Any]]:
    """Rows for lists. Content is opened only for those who may read it; colleagues of the queue see the complaint."""
    found = list(consultations)
    seen = [c.id for c in found if can(person, "consultation.see", c)]
    complaints = timeline.openings(seen)
    lines = last_lines([c.id for c in found if can(person, "consultation.read", c)])
    counts = unread(person, [c.id for c in found])
    beside = _sides(person, [c.id for c in found])
    places = positions(found)
    told = set(seen)
    unanswered = missed(person, seen)
    planned = plans.shown(seen, person)
    return [
        {
            **_row(c, complaints.get(c.id), lines.get(c.id), *counts[c.id]),
            **({} if c.id in told else UNTOLD),
            "side": beside.get(c.id) if c.id in told else None,
            "position": places.get(c.id),
            "may_send": can(person, "message.send", c),
            "may_call": c.state == State.ACTIVE and can(person, "call.join", c),
            "missed_call": c.id in unanswered,
            "call_plan": planned.get(c.id),
        }
        for c in found
    ]


def _row(c: Consultation, opened: bytes | None, line: str | None, count: int, cursor: int) -> dict[str, Any]:
    department = c.department
    typical = [department.reply_p50, department.reply_p90] if department.reply_p50 and department.reply_p90 else None
    return {
        "id": c.id,
        "state": c.state,
        "patient": patient_brief(c.patient),
        "department": {"id": department.id, "name": bilingual(department.name_zh, department.name_en)},
        "assignee": brief(c.assignee) if c.assignee else None,
        "opened_at": c.opened_at,
        "claimed_at": c.claimed_at,
        "closed_at": c.closed_at,
        "last_seq": c.chain.last_seq,
        "last_at": c.last_at,
        "complaint": msgspec.json.decode(opened, type=protocol.Opened).complaint if opened else "",
        "unread": count,
        "needs_reply": c.needs_reply_since is not None,
        "needs_reply_since": c.needs_reply_since,
        "red_flags": c.red_flags,
        "typical_reply_minutes": typical,
        "last_line": line,
        "reading_cursor": cursor,
        "terms": terms.shown(c),
        "kept": c.kept,
    }


def last_lines(ids: Sequence[UUID]) -> dict[UUID, str]:
    """The first words of the newest message of each thread that was not taken back, as they were put right; none for one without words."""
    said = timeline.latest(ids, "message.posted")
    if not said:
        return {}
    texts = {id_: msgspec.json.decode(timeline.body_of(event), type=protocol.Posted).text for id_, event in said.items()}
    since = reduce(or_, (Q(thread=id_, seq__gt=event.seq) for id_, event in said.items()))
    for event in Event.objects.filter(since, kind="message.corrected").order_by("seq"):
        correction = msgspec.json.decode(timeline.body_of(event), type=protocol.MessageCorrected)
        if correction.of == said[event.thread_id].seq:
            texts[event.thread_id] = correction.text
    return {id_: text[:LINE_CHARS] for id_, text in texts.items() if text}


def unread(person: Person, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """(acts of others worth reading among the next LOOKED_AT after this person's cursor, the cursor) of each thread."""
    reading = dict(Cursor.objects.filter(person=person, thread__in=ids).values_list("thread_id", "read"))
    mine = Cursor.objects.filter(person=person, thread=OuterRef(OuterRef("id"))).values("read")[:1]
    read = Coalesce(Subquery(mine), 0)
    after = Event.objects.filter(thread=OuterRef("id"), seq__gt=read, seq__lte=read + LOOKED_AT)
    others = after.exclude(sender=person).exclude(kind__in=UNREMARKABLE)
    counted = others.order_by().values("thread").annotate(n=Count("id")).values("n")
    counts = dict(Chain.objects.filter(id__in=ids).annotate(unread=Subquery(counted)).values_list("id", "unread"))
    return {id_: (counts.get(id_) or 0, reading.get(id_, 0)) for id_ in ids}


def _sides(person: Person, cases: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The side threads that this person belongs to, by case, with what is unread in them. Patients belong to none."""
    if not person.role_set & CLINICAL:
        return {}
    belongs = Q(about__assignee=person) | Q(members__person=person)
    found = dict(
        SideThread.objects.filter(belongs, about__in=cases).exclude(about__patient=person).values_list("about_id", "chain_id")
    )
    counts = unread(person, list(found.values()))
    return {case: {"id": side, "unread": counts[side][0]} for case, side in found.items()}


def _rows(which: Q) -> QuerySet[Consultation]:
    return Consultation.objects.filter(which).select_related(*RELATED).prefetch_related(*PEOPLE)
