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
from typing import TYPE_CHECKING, Final

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


class Recorder(asyncio.DatagramProtocol):
    """The voice of one device in a room, for one generation of its recording."""

    def __init__(self, place: Place, person: UUID, room: UUID, generation: int) -> None:
        self._place, self._person, self._room, self.generation = place, person, room, generation
        self._voice = Voice(secrets.randbits(32))
        self._pages: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._heard_at: float | None = None  # when the first packet came, on the monotonic clock
        self._transport: asyncio.DatagramTransport | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From now on. A media server that will not forward is a recording that is not made: nobody is told that it runs."""
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
        await self._place.hush()
        if self._transport is not None:
            self._transport.close()
        if self._keeping is not None:
            self._pages.put_nowait(self._voice.finish())
            self._pages.put_nowait(None)
            await self._keeping

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        page = self._voice.feed(data)
        if self._heard_at is None and self._voice.begun:
            self._heard_at = time.monotonic()
        if page:
            self._pages.put_nowait(page)
        if self._pages.qsize() > MOST_WAITING and self._transport is not None:
            logger.error("a voice is recorded no further: its pieces cannot be kept as fast as they come")
            self._transport.close()

    async def _keep(self) -> None:
        """Seal what comes until it is over, or until somebody says that it may not be kept."""
        track: Track | None = None
        offset = 0
        try:
            while (page := await self._pages.get()) is not None:
                if page or track is not None:
                    if track is None:
                        track = await in_database(self._open, self._age_ms())
                    track = await in_database(self._take, track, offset, page, None)
                    offset += len(page)
            if track is not None:
                await in_database(self._take, track, offset, b"", offset)
        except Refused as refusal:
            logger.warning("a voice is recorded no further: %s", refusal.kind.code)
            if self._transport is not None:
                self._transport.close()

    def _age_ms(self) -> int:
        return 0 if self._heard_at is None else round((time.monotonic() - self._heard_at) * 1000)

    def _open(self, age_ms: int) -> Track:
        person = Person.objects.get(id=self._person)
        name = f"server-{secrets.token_hex(8)}"
        return capturing.open_track(person, self._room, self.generation, name, age_ms, by_server=True)

    def _take(self, track: Track, offset: int, page: bytes, length: int | None) -> Track:
        sent = Sent(offset, self._voice.ms, length)
        taking.lost(track, self._voice.lost_ms)
        return capturing.take(track, sent, io.BytesIO(page).read)
