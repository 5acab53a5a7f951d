"""Where I am signed in, and signing out elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status

from records import sessions
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.errors import NOT_FOUND, Refused
from records.identity import signins

router = Router(tags=["session"], auth=signed_in)


class SignInRow(Schema):
    """`device`: names of browser and system; `place`: the network it came from, without the part that names a machine."""

    id: UUID
    device: str
    place: str
    at: datetime
    here: bool


@router.get("/sessions", response=list[SignInRow])
@acts(OWN)
def mine(request: SignedInRequest) -> list[dict[str, Any]]:
    """My sessions, this one among them, newest first."""
    fields, key = ("id", "device", "place", "at"), request.session.session_key
    rows = signins.listed(request.auth)
    return [{name: getattr(row, name) for name in fields} | {"here": row.session_key == key} for row in rows]


@router.delete("/sessions", response={204: None})
@acts(OWN)
def end_others(request: SignedInRequest) -> Status[None]:
    """End all my sessions but this one; their sockets close at once."""
    sessions.end_elsewhere(request.auth, but=request.session.session_key, by=request.auth)
    return Status(204, None)


@router.delete("/sessions/{uuid:sign_in_id}", response={204: None})
@acts(OWN)
def end_one(request: SignedInRequest, sign_in_id: UUID) -> Status[None]:
    """End another session of mine."""
    if not sessions.end_elsewhere(request.auth, only=sign_in_id, but=request.session.session_key, by=request.auth):
        raise Refused(NOT_FOUND)
    return Status(204, None)
