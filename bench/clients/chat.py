"""The product and the floors: JSON objects in WebSocket frames.

A message carries its number twice: in `id`, which comes back in the acknowledgement, and at the end of `client_id`, which comes back
in the delivery.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from bench.clients.words import DIGITS, PATIENCE_SECONDS, TEXT, digits
from bench.run import Pair, Run
from bench.wire import Socket, connect


class Dialect(NamedTuple):
    """`ack`, `event`: what stands before the number in an acknowledgement and before the run's mark in a delivery."""

    name: str
    path: str
    ack: bytes
    event: bytes = b'"client_id":"'
    follows: bool = False  # whether a side must ask for a timeline to hear of it

    def message(self, consultation: str, mark: str) -> tuple[bytes, bytes, bytes]:
        """The three constant parts of a message: before `id`, between the two numbers, and after `client_id`."""
        return (
            b'{"type":"message.send","id":"',
            f'","consultation":"{consultation}","client_id":"{mark}'.encode(),
            f'","text":"{TEXT}"}}'.encode(),
        )

    def acknowledged(self, payload: bytes) -> int:
        """The number that this frame acknowledges, or -1."""
        if not payload.startswith(self.ack):
            return -1
        start = len(self.ack)
        number = payload[start : start + DIGITS]
        return int(number) if number.isdigit() else -1

    def delivered(self, payload: bytes, mark: bytes) -> Iterable[int]:
        """The numbers of this run's messages that this frame delivers."""
        start = len(mark)
        for piece in payload.split(self.event)[1:]:
            if piece.startswith(mark):
                yield int(piece[start : start + DIGITS])


DIALECTS: Final = {
    dialect.name: dialect
    for dialect in (
        Dialect("product", "/ws/", b'{"type":"ack","id":"', follows=True),
        Dialect("echo", "/echo/", b'{"type":"message.send","id":"'),
        Dialect("tutorial", "/ws/{consultation}/", b'{"type": "ack", "id": "', b'"client_id": "'),
    )
}


class ChatSpeaker:
    def __init__(self, run: Run, pair: Pair) -> None:
        self.run = run
        self.dialect = DIALECTS[run.task.client]
        self.sockets: list[Socket] = []  # its own, then the listener's
        self.head = 0  # last sequence of its consultation
        self.ready = asyncio.Event()
        self._mark = run.mark.encode()
        self._parts = self.dialect.message(pair.consultation, run.mark)

    def say(self, due: float) -> None:
        number = digits(self.run.number(due))
        before, between, after = self._parts
        self.sockets[0].send(b"".join((before, number, between, number, after)))

    def close(self) -> None:
        for socket in self.sockets:
            socket.close()

    def heard(self, payload: bytes) -> None:
        number = self.dialect.acknowledged(payload)
        if number >= 0:
            if not self.ready.is_set():
                self._first(payload)
            self.run.acknowledged(number, self)
        elif payload.startswith((b'{"type":"error"', b'{"type": "error"')):
            self.run.failed(payload.decode())

    def listened(self, payload: bytes) -> None:
        """The other side heard a frame."""
        for number in self.dialect.delivered(payload, self._mark):
            self.run.delivered(number)

    def _first(self, payload: bytes) -> None:
        """The answer to the first message tells where to follow from."""
        self.head = msgspec.json.decode(payload).get("seq") or 0
        self.ready.set()


async def open_pair(run: Run, pair: Pair) -> ChatSpeaker:
    """Connect both sides, say one message and follow the consultation from it on."""
    task, speaker = run.task, ChatSpeaker(run, pair)
    path = speaker.dialect.path.format(consultation=pair.consultation)
    speaker.sockets.append(await connect(task.host, task.port, path, pair.speaker, speaker.heard))
    speaker.sockets.append(await connect(task.host, task.port, path, pair.listener, speaker.listened))
    speaker.say(time.perf_counter())
    await asyncio.wait_for(speaker.ready.wait(), PATIENCE_SECONDS)
    if speaker.dialect.follows:
        follow = {"type": "timeline.follow", "id": "follow", "consultation": pair.consultation, "since": speaker.head - 1}
        for socket in speaker.sockets:
            socket.send(msgspec.json.encode(follow))
    return speaker
