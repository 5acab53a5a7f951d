"""Messages that wait for their time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import AwareDatetime, StringConstraints

from consult.conversation import scheduled
from consult.models import ScheduledMessage
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.api.schemas import Body, ClientId, Words
from records.views import Bilingual, bilingual

router = Router(tags=["scheduled"], auth=signed_in)


class ScheduledFailure(Schema):
    code: str
    message: Bilingual


class ScheduledItem(Schema):
    """`seq`: of the message in its consultation, once it is sent. `text` is empty once it is sent or cancelled."""

    id: UUID
    consultation: UUID
    client_id: str
    text: str
    at: datetime
    state: Literal["waiting", "sent", "failed", "cancelled"]
    failure: ScheduledFailure | None
    seq: int | None


class NewScheduled(Body):
    """`at`: between one minute and 30 days from now, with its time zone."""

    consultation: UUID
    client_id: ClientId
    text: Annotated[Words, StringConstraints(min_length=1, max_length=8000)]
    at: AwareDatetime


@router.post("/scheduled", response={201: ScheduledItem})
@acts(scheduled.ACTION)
def schedule(request: SignedInRequest, body: NewScheduled) -> Status[dict[str, Any]]:
    """Send this later, as it would be sent now. Repeating the client id answers with the first."""
    return Status(201, _item(scheduled.schedule(request.auth, body.consultation, body.client_id, body.text, body.at)))


@router.get("/scheduled", response=list[ScheduledItem])
@acts(OWN)
def waiting(request: SignedInRequest, consultation: UUID | None = None) -> list[dict[str, Any]]:
    """One's own that wait, and those that could not be sent; the next first."""
    return [_item(row) for row in scheduled.waiting(request.auth, consultation)]


@router.delete("/scheduled/{uuid:scheduled_id}", response=ScheduledItem)
@acts(OWN)
def cancel(request: SignedInRequest, scheduled_id: UUID) -> dict[str, Any]:
    """Never send it, or put away one that failed."""
    return _item(scheduled.cancel(request.auth, scheduled_id))


def _item(row: ScheduledMessage) -> dict[str, Any]:
    kind = scheduled.failure(row)
    return {
        "id": row.id,
        "consultation": row.thread_id,
        "client_id": row.client_id,
        "text": scheduled.words(row),
        "at": row.at,
        "state": row.state,
        "failure": {"code": kind.code, "message": bilingual(kind.zh, kind.en)} if kind else None,
        "seq": row.seq,
    }
