"""Synapse, over HTTP as its clients speak to it (Matrix client-server API, v3).

A message is a PUT of its own; the answer with the event's id comes after the transaction that holds the event was committed. The
other side keeps a `/sync` long poll open. A connection carries one request at a time, so a speaker with five messages in flight has
five; what an open loop sends beyond that waits on our side, and its latency counts from when it was due.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from bench.clients.words import DIGITS, PATIENCE_SECONDS, TEXT, digits
from bench.keepalive import Answer, Connection, ask, connect, request
from bench.run import Pair, Run

CONNECTIONS: Final = 5  # of one speaker at most
POLL_MS: Final = 10_000
EVENT: Final = b'"client_id":"'
NEXT: Final = b'"next_batch":"'


class MatrixSpeaker:
    """`pair.speaker`: a token; `pair.listener`: a token and the id of its filter."""

    def __init__(self, run: Run, pair: Pair) -> None:
        self.run = run
        self.ready = asyncio.Event()
        self.connections: list[Connection] = []
        self.poll: Connection | None = None
        self._free: list[Connection] = []
        self._waiting: deque[int] = deque()
        self._mark = run.mark.encode()
        host = f"{run.task.host}:{run.task.port}"
        body = f'","body":"{TEXT}"}}'.encode()
        start = f'{{"msgtype":"m.text","client_id":"{run.mark}'.encode()
        # The number stands in the path, where it makes the request repeatable, and in the message.
        path = f"/_matrix/client/v3/rooms/{quote(pair.consultation, safe='')}/send/m.room.message/{run.mark}"
        fields = f"Host: {host}\r\nAuthorization: Bearer {pair.speaker}\r\nContent-Type: application/json"
        size = len(start) + DIGITS + len(body)
        between = f" HTTP/1.1\r\n{fields}\r\nContent-Length: {size}\r\n\r\n".encode() + start
        self._parts = (f"PUT {path}".encode(), between, body)
        token, _, choice = pair.listener.partition(" ")
        self._poll_headers = {"Host": host, "Authorization": f"Bearer {token}"}
        self._poll_path = f"/_matrix/client/v3/sync?filter={choice}&timeout="

    async def open(self) -> None:
        task = self.run.task
        count = min(CONNECTIONS, -(-task.inflight // len(task.pairs))) if not task.rate else CONNECTIONS
        self.connections = [await connect(task.host, task.port, self.run.failed) for _ in range(count)]
        self._free = list(self.connections)
        self.poll = await connect(task.host, task.port, self.run.failed)
        first = await ask(self.poll, request("GET", f"{self._poll_path}0", self._poll_headers), PATIENCE_SECONDS)
        self.synced(first)

    def say(self, due: float) -> None:
        self._waiting.append(self.run.number(due))
        self._send()

    def close(self) -> None:
        for connection in (*self.connections, self.poll):
            if connection is not None:
                connection.close()

    def _send(self) -> None:
        if not self._waiting or not self._free:
            return
        number, connection = self._waiting.popleft(), self._free.pop()
        text = digits(number)
        before, between, after = self._parts
        data = b"".join((before, text, between, text, after))
        connection.request(data, lambda answer: self._answered(number, connection, answer))

    def _answered(self, number: int, connection: Connection, answer: Answer) -> None:
        self._free.append(connection)
        if answer.status == 200 and b'"event_id"' in answer.body:
            self.run.acknowledged(number, self)
            self.ready.set()
        else:
            self.run.failed(f"{answer.status} {answer.body.decode()}")
        self._send()

    def synced(self, answer: Answer) -> None:
        """The other side heard something, or its poll ran out: poll again from there."""
        if answer.status != 200:
            self.run.failed(f"sync: {answer.status} {answer.body.decode()}")
            return
        for number in delivered(answer.body, self._mark):
            self.run.delivered(number)
        since = answer.body.partition(NEXT)[2].partition(b'"')[0].decode()
        assert self.poll is not None
        if self.poll.transport is not None:
            self.poll.request(request("GET", f"{self._poll_path}{POLL_MS}&since={since}", self._poll_headers), self.synced)


def delivered(body: bytes, mark: bytes) -> Iterable[int]:
    """The numbers of this run's messages in the answer to a sync."""
    start = len(mark)
    for piece in body.split(EVENT)[1:]:
        if piece.startswith(mark):
            yield int(piece[start : start + DIGITS])


async def open_pair(run: Run, pair: Pair) -> MatrixSpeaker:
    """Open the speaker's connections and the listener's poll, and say one message."""
    speaker = MatrixSpeaker(run, pair)
    await speaker.open()
    speaker.say(time.perf_counter())
    await asyncio.wait_for(speaker.ready.wait(), PATIENCE_SECONDS)
    return speaker
