"""A patient's own notices. The notices themselves are the events of their thread, read like those of a consultation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Router, Schema

from consult.broadcasts import notices
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.views import PersonBrief, brief

router = Router(tags=["notices"], auth=signed_in)


class Notices(Schema):
    """`consultation`: the thread to read and to follow; None while there is nothing in it. `people`: who sent the newest."""

    consultation: UUID | None
    unread: int
    opted_out: bool
    people: list[PersonBrief]


class OptOut(Body):
    opted_out: bool


@router.get("/notices", response=Notices)
@acts(notices.OWN)
def overview(request: SignedInRequest) -> dict[str, Any]:
    """The thread of notices to this patient, how many are unread, who wrote them, and whether notices to many are stopped."""
    found = notices.overview(request.auth)
    people = [brief(person) for person in found.people]
    return {"consultation": found.thread, "unread": found.unread, "opted_out": found.opted_out, "people": people}


@router.put("/notices/opt-out", response=Notices)
@acts(notices.OWN)
def choose(request: SignedInRequest, body: OptOut) -> dict[str, Any]:
    """Stop notices that go to many, or have them again."""
    notices.choose(request.auth, out=body.opted_out)
    return overview(request)
