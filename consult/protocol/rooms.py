"""Rooms: calls whose sound and pictures go through the hospital's media server, for up to six people.

A device sends on one connection, which it offers (`room.offer`, answered by `room.published`), and hears everybody else on another one,
which it is offered (`room.offered`) whenever somebody comes. `call.media`, `ice.refresh`, `call.hangup` (to leave, or to turn an
invitation down) and `recording.*` are those of every call. The browser never speaks to the media server itself.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from consult.protocol.base import Command, Frame
from consult.protocol.calls import MAX_CANDIDATES, Candidate, IceServer, Media, Medium
from consult.protocol.values import ClientId

MAX_ROOM_SDP_BYTES: Final = 96 * 1024
RoomSdp = Annotated[str, Meta(max_length=MAX_ROOM_SDP_BYTES)]
Side = Literal["out", "in"]
Sitting = Literal["invited", "in", "away", "left"]


class RoomOpen(Command, frozen=True, tag="room.open"):
    """Open a room for a case (the patient may be asked in) or for its side thread (never), and sit down in it. The ack's `call` is the
    room."""

    consultation: UUID
    client_id: ClientId
    device: ClientId
    media: Media


class RoomInvite(Command, frozen=True, tag="room.invite"):
    """Ring somebody who may be in this room. They may come later too, for as long as it is open."""

    call: UUID
    client_id: ClientId
    person: UUID


class RoomJoin(Command, frozen=True, tag="room.join"):
    """This device sits down, or goes on with its seat on a new socket. Answered by `room.ready` after the ack."""

    call: UUID
    client_id: ClientId
    device: ClientId
    media: Media


class RoomRemove(Command, frozen=True, tag="room.remove"):
    """Put somebody out, who comes back only when invited again."""

    call: UUID
    client_id: ClientId
    person: UUID


class RoomClose(Command, frozen=True, tag="room.close"):
    """End the room for everybody."""

    call: UUID


class RoomOffer(Command, frozen=True, tag="room.offer"):
    """What this device sends: sound first. A second offer begins anew, as after a change of networks."""

    call: UUID
    sdp: RoomSdp


class RoomAnswer(Command, frozen=True, tag="room.answer"):
    """To the last `room.offered`."""

    call: UUID
    sdp: RoomSdp


class RoomCandidates(Command, frozen=True, tag="room.candidates"):
    call: UUID
    side: Side
    candidates: Annotated[list[Candidate], Meta(min_length=1, max_length=MAX_CANDIDATES)]


ROOM_COMMANDS: Final = (
    RoomOpen, RoomInvite, RoomJoin, RoomRemove, RoomClose, RoomOffer, RoomAnswer, RoomCandidates,
)  # fmt: skip


class RoomInvited(Frame, frozen=True, tag="room.invited"):
    """`by` asks this person in, and rings until `until` (ms since epoch). Sent again to a device that connects meanwhile."""

    call: UUID
    consultation: UUID
    by: UUID
    media: list[Medium]
    until: int


class Sitter(Struct, frozen=True):
    person: UUID
    state: Sitting


class RoomState(Frame, frozen=True, tag="room.state"):
    """Who is in the room, at every change. `until`: when it ends whatever happens, ms since epoch."""

    call: UUID
    consultation: UUID
    host: UUID
    sitters: list[Sitter]
    at: int
    until: int


class RoomReady(Frame, frozen=True, tag="room.ready"):
    """To the device that has just sat down, or whose connections for media were lost: offer now."""

    call: UUID
    ice: list[IceServer]
    ice_until: int  # ms since epoch
    relay_only: bool


class RoomPublished(Frame, frozen=True, tag="room.published"):
    """The answer to `room.offer`."""

    call: UUID
    sdp: str


class RoomStream(Struct, frozen=True):
    mid: str
    person: UUID
    kind: Medium


class RoomOffered(Frame, frozen=True, tag="room.offered"):
    """Everybody else, and where in the description each of them is. The one connection for hearing is renegotiated."""

    call: UUID
    sdp: str
    streams: list[RoomStream]


class RoomMedia(Frame, frozen=True, tag="room.media"):
    """What somebody else's device sends now."""

    call: UUID
    person: UUID
    audio: bool
    video: bool
    screen: bool


ROOM_FRAMES: Final[tuple[type[Frame], ...]] = (
    RoomInvited, RoomState, RoomReady, RoomPublished, RoomOffered, RoomMedia,
)  # fmt: skip


class RoomOpened(Struct, frozen=True):
    call: UUID
    media: list[Medium]


class RoomAsked(Struct, frozen=True):
    call: UUID
    person: UUID


class RoomJoined(Struct, frozen=True):
    call: UUID


class RoomLeft(Struct, frozen=True):
    """`person` is out, or will not come; the sender did it, or nobody (a connection that was lost, a right that ended)."""

    call: UUID
    person: UUID
    reason: str


class RoomClosed(Struct, frozen=True):
    call: UUID
    reason: str
    duration_s: int


ROOM_BODIES: Final[dict[str, type[Struct]]] = {
    "room.opened": RoomOpened,
    "room.invited": RoomAsked,
    "room.joined": RoomJoined,
    "room.left": RoomLeft,
    "room.closed": RoomClosed,
}
