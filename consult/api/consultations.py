"""Reading consultations over HTTP, and the same commands as the socket for when sockets are blocked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from consult import audiences, commands, consultations, family, protocol, timeline, waiting_room
from consult.commands import Caller
from consult.conversation import messages
from consult.errors import TOO_BIG
from consult.protocol import BadFrame
from consult.protocol.calls import Ending
from consult.ratelimit import limits
from consult.writing import posting
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.api.session import Language, Need
from records.errors import TOO_MANY, Refused
from records.people import Department
from records.views import Bilingual, PatientBrief, PersonBrief, bilingual

router = Router(tags=["consultations"], auth=signed_in)


Kept = Literal["", "sealed", "shredded"]  # what has become of the words of a closed case


class DepartmentRow(Schema):
    id: UUID
    name: Bilingual
    typical_reply_minutes: tuple[int, int] | None
    is_default: bool


class DepartmentBrief(Schema):
    id: UUID
    name: Bilingual


class Terms(Schema):
    """How often the patient may ask on after an answer, and until when; null: without bound. `over`: why they cannot now."""

    rounds: int | None
    rounds_used: int
    until: datetime | None
    over: Literal["rounds", "time"] | None


class SideBrief(Schema):
    id: UUID
    unread: int


class CallPlanBrief(Schema):
    """Times for a call (ms since epoch) that one side proposed at `seq`, and the one agreed on. `mine`: this reader's side did."""

    seq: int
    state: Literal["proposed", "agreed"]
    media: list[Literal["audio", "video"]]
    slots: list[int]
    at: int | None
    mine: bool


class ConsultationRow(Schema):
    id: UUID
    state: Literal["queued", "active", "closed"]
    patient: PatientBrief
    department: DepartmentBrief
    assignee: PersonBrief | None
    opened_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    last_seq: int
    last_at: datetime
    complaint: str
    unread: int
    needs_reply: bool
    needs_reply_since: datetime | None
    red_flags: list[str]
    position: int | None
    typical_reply_minutes: tuple[int, int] | None
    last_line: str | None
    reading_cursor: int
    terms: Terms
    side: SideBrief | None
    kept: Kept
    may_send: bool  # whether this reader may write at all; a relative may be let in to see only
    may_call: bool  # whether this reader may be in a call of it now
    missed_call: bool  # the last call was for this reader, who did not answer it and has not seen that yet
    call_plan: CallPlanBrief | None


class CursorRow(Schema):
    person: UUID
    delivered: int
    read: int
    delivered_at: int | None
    read_at: int | None


class LastCall(Schema):
    """`at`: ms since epoch. `mine`: this reader made it. `duration_s` null: nobody answered. `poor_s`: of it on a poor connection."""

    at: int
    mine: bool
    media: list[Literal["audio", "video"]]
    state: Ending
    reason: str
    duration_s: int | None
    poor_s: int


class BeforeCall(Schema):
    """`language` is that of the patient's pages."""

    needs: list[Need]
    language: Language
    last_call: LastCall | None


class PhotoAsked(Schema):
    seq: int
    what: str


class ConsultationDetail(ConsultationRow):
    photo_asked: PhotoAsked | None  # in the call that is going on, until one has come
    before_call: BeforeCall | None  # for whoever has the case
    participants: list[PersonBrief]
    cursors: list[CursorRow]


class Queue(Schema):
    needs_reply: list[ConsultationRow]
    queued: list[ConsultationRow]
    waiting_patient: list[ConsultationRow]
    closed: list[ConsultationRow]


class EventRow(Schema):
    seq: int
    kind: str
    at: int
    sender: UUID | None
    client_id: str | None
    body: dict[str, Any]


class EventPage(Schema):
    events: list[EventRow]
    upto: int
    head: int


class EventQuery(Schema):
    since: int | None = Field(None, ge=0, le=2**53)
    before: int | None = Field(None, ge=1, le=2**53)
    limit: int = Field(timeline.PAGE, ge=1, le=timeline.PAGE)


@router.get("/departments", response=list[DepartmentRow])
@acts(OWN)
def departments(request: SignedInRequest) -> list[dict[str, Any]]:
    """Where one can ask, the default for those who do not know first."""
    rows = Department.objects.order_by("-is_default", "code")
    return [
        {
            "id": row.id,
            "name": bilingual(row.name_zh, row.name_en),
            "typical_reply_minutes": [row.reply_p50, row.reply_p90] if row.reply_p50 and row.reply_p90 else None,
            "is_default": row.is_default,
        }
        for row in rows
    ]


@router.get("/consultations", response=list[ConsultationRow])
@acts("consultation.list")
def list_own(request: SignedInRequest) -> list[dict[str, Any]]:
    """The consultations that this person takes part in."""
    return waiting_room.own(request.auth)


@router.get("/queue", response=Queue)
@acts("queue.list")
def queue(request: SignedInRequest) -> dict[str, Any]:
    """Who waits in the queues of this person's departments."""
    return waiting_room.queue(request.auth)


@router.get("/consultations/{consultation_id}", response=ConsultationDetail)
@acts("consultation.see")
def see(request: SignedInRequest, consultation_id: UUID) -> dict[str, Any]:
    """One consultation without its messages."""
    return waiting_room.one(request.auth, consultations.load(request.auth, consultation_id, "consultation.see"))


@router.get("/consultations/{consultation_id}/events", response=EventPage)
@acts("consultation.read")
def events(request: SignedInRequest, consultation_id: UUID, query: Query[EventQuery]) -> HttpResponse:
    """A page of the timeline, ascending: after `since`, or the ones just before `before`."""
    family.note_reading(request.auth, audiences.load(request.auth, consultation_id))
    if query.before is not None:
        page = timeline.before(consultation_id, query.before, query.limit)
    else:
        page = timeline.since(consultation_id, query.since or 0, query.limit)
    body = b'{"events":[%s],"upto":%d,"head":%d}' % (b",".join(page.events), page.upto, page.head)
    return HttpResponse(body, content_type="application/json")


@router.post("/commands", response={200: dict[str, Any]})
@acts(OWN)
def command(request: SignedInRequest) -> HttpResponse:
    """Any command of the socket but those that need one. Each is authorised by its own row of the command table."""
    if wait := limits().of(request.auth.id).take():
        raise Refused(TOO_MANY, retry_after=wait)
    if len(request.body) > protocol.MAX_FRAME_BYTES:
        raise Refused(TOO_BIG)
    try:
        parsed = protocol.parse(request.body)
    except BadFrame as problem:
        raise commands.bad_frame(problem) from problem
    ack = _run(Caller(request.auth.id, request.session.session_key or ""), parsed)
    return HttpResponse(protocol.encode(ack), content_type="application/json")


def _run(caller: Caller, parsed: protocol.AnyCommand) -> msgspec.Struct:
    if isinstance(parsed, protocol.MessageSend):
        body = commands.prepare(caller, parsed) if messages.needs_preparing(parsed) else b""
        return commands.acknowledge(parsed, posting.commit(caller.person, caller.session, parsed, body))
    if isinstance(parsed, protocol.CursorAdvance):
        return commands.acknowledge(parsed, posting.commit(caller.person, caller.session, parsed))
    if type(parsed) in commands.RUN:
        return commands.run(caller, parsed)
    raise Refused(commands.NEEDS_SOCKET)
