"""What the server itself records of a room: one track a person, sealed as it comes in.

The media server forwards a person's sound to a port of the loopback interface that only this process reads; a packet that does not carry
the source number that was agreed on at that moment is not looked at. In clear it exists in memory alone. Consent is asked for again at
every piece, a second long, by `capturing.take`.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from consult import capturing
from consult.rooms.media import LOOPBACK, MediaError
from consult.threads import in_database
from records.errors import Refused
from records.people import Person
from transcription.rtp.voice import Voice
from transcription.tracks import taking
from transcription.tracks.taking import Sent

if TYPE_CHECKING:
    from uuid import UUID

    from consult.rooms.media import Place
    from transcription.models import Track

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 120  # pages, of a second each, while the disk or the database is slow; then it is over


class Page(NamedTuple):
    """`ms`: how much of the voice's own time there is with it."""

    data: bytes
    ms: int


class Recorder(asyncio.DatagramProtocol):
    """The voice of one device in a room, for one generation of its recording."""

    def __init__(self, place: Place, person: UUID, room: UUID, generation: int) -> None:
        self._place, self._person, self._room, self.generation = place, person, room, generation
        self._voice = Voice(secrets.randbits(32))
        self._pages: asyncio.Queue[Page | None] = asyncio.Queue()
        self._since = time.monotonic()  # from the first packet on: when that came
        self._transport: asyncio.DatagramTransport | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From now on. A media server that will not forward is a recording that is not made: the case is told that nothing comes."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, (LOOPBACK, 0))
        self._keeping = loop.create_task(self._keep())
        port: int = self._transport.get_extra_info("sockname")[1]
        try:
            await self._place.forward(port, self._voice.ssrc)
        except MediaError as error:
            logger.warning("a voice is not recorded, the media server refused: %s", error)

    async def stop(self) -> None:
        """No more is taken in; what was is kept."""
        self._deaf()
        await self._place.hush()
        if self._keeping is not None:
            self._pages.put_nowait(Page(self._voice.finish(), self._voice.ms))
            self._pages.put_nowait(None)
            await self._keeping

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        begun = self._voice.begun
        page = self._voice.feed(data)
        if self._voice.begun and not begun:
            self._since = time.monotonic()
        if page:
            self._pages.put_nowait(Page(page, self._voice.ms))
        if self._pages.qsize() > MOST_WAITING:
            logger.error("a voice is recorded no further: its pieces cannot be kept as fast as they come")
            self._deaf()

    def _deaf(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def _keep(self) -> None:
        """Seal what comes until it is over, or may not be kept; then say that this is all. Of who said nothing there is an empty track:
        nobody waits for it."""
        track: Track | None = None
        try:
            while (page := await self._pages.get()) is not None:
                if track is None:
                    track = await in_database(self._open, self._age_ms())
                track = await in_database(self._take, track, page)
        except Refused as refusal:
            logger.warning("a voice is recorded no further: %s", refusal.kind.code)
            self._deaf()
        if track is not None:
            with suppress(Refused):  # somebody took the consent back: there is nothing to end
                await in_database(self._end, track)

    def _age_ms(self) -> int:
        return round((time.monotonic() - self._since) * 1000)

    def _open(self, age_ms: int) -> Track:
        person = Person.objects.get(id=self._person)
        name = f"server-{secrets.token_hex(8)}"
        return capturing.open_track(person, self._room, self.generation, name, age_ms, by_server=True)

    def _take(self, track: Track, page: Page) -> Track:
        taking.lost(track, self._voice.lost_ms)
        return capturing.take(track, Sent(track.size, page.ms), io.BytesIO(page.data).read)

    @staticmethod
    def _end(track: Track) -> Track:
        return capturing.take(track, Sent(track.size, track.captured_ms, track.size), io.BytesIO().read)
