"""Rooms over HTTP: what a page asks before a device sits down. The rest is said over the socket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Router, Schema

from consult.rooms import desk
from records.api.auth import SignedInRequest, acts, signed_in
from records.views import PersonBrief

router = Router(tags=["calls"], auth=signed_in)


class RoomDoor(Schema):
    """`available`: this hospital has a media server. `may_open`: the asker treats the case. `room`: the one that is open now. `guests`:
    whom the asker may ask in."""

    available: bool
    may_open: bool
    room: UUID | None
    guests: list[PersonBrief]


class RoomInside(Schema):
    """`consultation`: its thread; `about`: the case. `host`: the asker may invite, put out and close. `recordable`: what is said may be
    recorded, with everybody's consent."""

    id: UUID
    consultation: UUID
    about: UUID
    live: bool
    host: bool
    recordable: bool
    people: list[PersonBrief]


@router.get("/consultations/{uuid:consultation_id}/room", response=RoomDoor)
@acts("consultation.read")
def door(request: SignedInRequest, consultation_id: UUID) -> dict[str, Any]:
    """The room of a conversation."""
    return desk.beside(request.auth, consultation_id)


@router.get("/rooms/{uuid:room_id}", response=RoomInside)
@acts("room.join")
def inside(request: SignedInRequest, room_id: UUID) -> dict[str, Any]:
    """Who is who in a room."""
    return desk.inside(request.auth, room_id)
