"""ejabberd, over XMPP on a plain TCP connection, its native transport (RFC 6120; XEP-0198 acknowledgements; XEP-0313 archive).

The proof that a message is kept: the server handles the stanzas of a stream one after the other, and storing a message in the
sender's archive is part of handling it. So the answer `<a h='n'/>` to an `<r/>` sent behind the n-th message comes after the commit of
that message's row. The other side's copy has a row of its own; that it was stored before it was delivered is told by its
`<stanza-id/>`, and a delivery without one counts as an error.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections import deque
from collections.abc import Callable
from typing import Final, cast

from bench.clients.words import DIGITS, PATIENCE_SECONDS, TEXT, digits
from bench.run import Pair, Run

DOMAIN: Final = "localhost"
HEADER: Final = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
).encode()
REQUEST: Final = b"<r xmlns='urn:xmpp:sm:3'/>"
ENABLE: Final = b"<enable xmlns='urn:xmpp:sm:3'/>"


class Stream(asyncio.Protocol):
    """One connection. While it is set up, `until` waits for what comes; after `live`, whole pieces of the stream go to a callback."""

    def __init__(self, lost: Callable[[str], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self._lost = lost
        self._buffer = b""
        self._wanted: tuple[bytes, asyncio.Future[bytes]] | None = None
        self._end = b""  # what ends a piece
        self._heard: Callable[[bytes], None] | None = None
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._wanted and not self._wanted[1].done():
            self._wanted[1].set_exception(ConnectionError("closed while it was set up"))
        if not self._closing:
            self._lost("the server closed a stream")

    def write(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def close(self) -> None:
        self._closing = True
        self.write(b"</stream:stream>")
        assert self.transport is not None
        self.transport.close()

    async def until(self, ending: bytes) -> bytes:
        """Wait until `ending` was received; return everything up to it."""
        self._wanted = (ending, asyncio.get_running_loop().create_future())
        self._look()
        return await asyncio.wait_for(self._wanted[1], PATIENCE_SECONDS)

    def live(self, end: bytes, heard: Callable[[bytes], None]) -> None:
        """From now on call `heard` with every piece of the stream that `end` ends, without it."""
        self._end, self._heard = end, heard
        self.data_received(b"")

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        if self._heard is None:
            self._buffer = data
            self._look()
            return
        *whole, self._buffer = data.split(self._end)
        for piece in whole:
            self._heard(piece)

    def _look(self) -> None:
        if self._wanted and self._wanted[0] in self._buffer and not self._wanted[1].done():
            found, _, self._buffer = self._buffer.partition(self._wanted[0])
            self._wanted[1].set_result(found)


async def connect(host: str, port: int, jid: str, password: str, lost: Callable[[str], None]) -> Stream:
    """Open a stream, sign in with SASL PLAIN and bind the resource of `jid`. Raises ConnectionError when it is refused."""
    _, stream = await asyncio.get_running_loop().create_connection(lambda: Stream(lost), host, port)
    account, _, name = jid.partition("/")
    plain = base64.b64encode(f"\0{account.partition('@')[0]}\0{password}".encode())
    stream.write(HEADER)
    await stream.until(b"</stream:features>")
    stream.write(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>" % plain)
    answer = await stream.until(b"/>")
    if b"<success" not in answer:
        raise ConnectionError(answer.decode())
    stream.write(HEADER)
    await stream.until(b"</stream:features>")
    bind = f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{name}</resource></bind></iq>"
    stream.write(bind.encode())
    answer = await stream.until(b"</iq>")
    if jid.encode() not in answer:
        raise ConnectionError(answer.decode())
    return stream


class XmppSpeaker:
    def __init__(self, run: Run, pair: Pair) -> None:
        self.run = run
        self.streams: list[Stream] = []  # its own, then the listener's
        self.ready = asyncio.Event()
        self._waiting: deque[int] = deque()  # numbers sent and not yet acknowledged, in the order of sending
        self._handled = 0
        self._mark = run.mark.encode()
        self._before = f"<message to='{pair.consultation}' type='chat' id='{run.mark}".encode()
        self._after = f"'><body>{TEXT}</body></message>".encode() + REQUEST

    def say(self, due: float) -> None:
        number = self.run.number(due)
        self._waiting.append(number)
        self.streams[0].write(b"".join((self._before, digits(number), self._after)))

    def close(self) -> None:
        for stream in self.streams:
            stream.close()

    def heard(self, piece: bytes) -> None:
        """One empty element, `<a xmlns='urn:xmpp:sm:3' h='7'` if it is an answer: the first 7 messages were handled."""
        if not piece.startswith(b"<a "):
            if b"error" in piece:
                self.run.failed(piece.decode())
            return
        handled = handled_count(piece)
        for _ in range(handled - self._handled):
            self.run.acknowledged(self._waiting.popleft(), self)
        self._handled = handled
        self.ready.set()

    def listened(self, piece: bytes) -> None:
        """One message without its end tag."""
        _, mark, rest = piece.partition(self._mark)
        if not mark:
            return
        if b"<stanza-id " not in rest and b"<stanza-id " not in piece:
            self.run.failed("delivered without being archived: " + piece[:300].decode(errors="replace"))
        self.run.delivered(int(rest[:DIGITS]))


def handled_count(answer: bytes) -> int:
    """The attribute `h` of an answer, in either kind of quotes."""
    value = answer.partition(b" h=")[2]
    return int(value[1:].partition(value[:1])[0])


async def open_pair(run: Run, pair: Pair) -> XmppSpeaker:
    """Sign both sides in, with acknowledgements on for the speaker, and say one message. `pair.consultation` is the listener's JID."""
    task, speaker = run.task, XmppSpeaker(run, pair)
    jid, _, password = pair.speaker.partition(" ")
    speaker.streams.append(await connect(task.host, task.port, jid, password, run.failed))
    speaker.streams[0].write(ENABLE)
    await speaker.streams[0].until(b"/>")
    speaker.streams[0].live(b"/>", speaker.heard)
    listener = await connect(task.host, task.port, pair.consultation, pair.listener, run.failed)
    speaker.streams.append(listener)
    listener.live(b"</message>", speaker.listened)
    speaker.say(time.perf_counter())
    await asyncio.wait_for(speaker.ready.wait(), PATIENCE_SECONDS)
    return speaker
