"""What rooms need of a media server. One implementation: `videoroom`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

Side = Literal["out", "in"]  # the connection on which a device sends, and the one on which it hears everybody else
MOST: Final = 6  # people in one room, each of whom sends
LOOPBACK: Final = "127.0.0.1"


class MediaError(Exception):
    """The media server refused, or is away. `code` is its own, 0 where it said nothing."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Heard(NamedTuple):
    """One stream that a device is offered: where in the description, of whom, and what it is."""

    mid: str
    person: UUID
    kind: Literal["audio", "video"]


class Listener(Protocol):
    """What a place tells, on the event loop."""

    def offered(self, sdp: str, heard: Sequence[Heard]) -> None:
        """Everybody else, anew: to be answered by `Place.answered`."""

    def cut(self, side: Side) -> None:
        """A connection for media is gone, and will not come back by itself."""


class Place(Protocol):
    """One device in one room."""

    async def publish(self, sdp: str) -> str:
        """Take a device's offer to send; returns the answer. Raises MediaError."""

    async def answered(self, sdp: str) -> None:
        """Take its answer to what it was last offered. Raises MediaError."""

    async def candidates(self, side: Side, candidates: Sequence[Mapping[str, object]]) -> None:
        """As RTCIceCandidateInit. Raises MediaError."""

    async def forward(self, port: int, ssrc: int) -> None:
        """Send this device's sound to a port of the loopback interface, as RTP of this source, until `hush`. Raises MediaError."""

    async def hush(self) -> None: ...

    async def leave(self) -> None:
        """Cut both connections. Never raises."""


class MediaServer(Protocol):
    async def sit(self, room: UUID, person: UUID, listener: Listener) -> Place:
        """Take a place for a device, in a room that is made if there is none. Raises MediaError."""

    async def rooms(self) -> set[UUID]:
        """Those that there are. Raises MediaError."""

    async def end(self, room: UUID) -> None:
        """Put everybody out of a room and forget it. Raises MediaError."""

    async def close(self) -> None: ...
