"""What the server itself records of a room: one track a person, sealed as it comes in.

The media server forwards a person's sound to a port of the loopback interface that only this process reads; a packet that does not carry
the source number that was agreed on at that moment is not looked at. In clear it exists in memory alone. Consent is asked for again at
every piece, a second long, by `capturing.take`. A long recording is several tracks, one after the other.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import DatabaseError, InterfaceError, OperationalError

from consult.calls import capturing
from consult.rooms.media import LOOPBACK
from consult.threads import for_recorders
from records.errors import Refused
from records.people import Person
from records.vault import KeyringError
from transcription.models import Track
from transcription.rtp.voice import Voice
from transcription.tracks import taking
from transcription.tracks.taking import Sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from consult.rooms.media import Place

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 120  # pages, of a second each, while the disk or the database is slow; then it is over
WAIT_SECONDS: Final = (0.25, 0.5, 1, 2, 4, *[8] * 14)  # between attempts to keep a page: two minutes
TRANSIENT: Final = (OperationalError, InterfaceError, OSError, KeyringError)
TRACK_MS: Final = 110 * 60 * 1000  # then the next track begins: none may be longer than taking.MAX_SECONDS


class Page(NamedTuple):
    """Some bytes of a track. `since`: when that began, by the monotonic clock; `at`: how many bytes of it come before; `ms`: how much of
    the voice's own time there is with these, `lost_ms` of which did not arrive; `last`: the track ends with them."""

    track: str
    since: float
    at: int
    data: bytes
    ms: int
    lost_ms: int
    last: bool


class Take:
    """One track in the making: a voice, and how much of it was written."""

    def __init__(self, ssrc: int) -> None:
        self.voice = Voice(ssrc)
        self._name = f"server-{secrets.token_hex(8)}"
        self._size = 0

    def page(self, data: bytes, *, last: bool = False) -> Page:
        voice = self.voice
        at, self._size = self._size, self._size + len(data)
        since = voice.since if voice.begun else time.monotonic()
        return Page(self._name, since, at, data, voice.ms, voice.lost_ms, last)


class Recorder(asyncio.DatagramProtocol):
    """The voice of one device in a room, for one generation of its recording."""

    def __init__(self, place: Place, person: UUID, room: UUID, generation: int) -> None:
        self._place, self._person, self._room, self.generation = place, person, room, generation
        self._ssrc = secrets.randbits(32)
        self._take = Take(self._ssrc)
        self._pages: asyncio.Queue[Page | None] = asyncio.Queue()
        self._over = self._overrun = False
        self._track: Track | None = None  # that grows, as it was last stored
        self._transport: asyncio.DatagramTransport | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From now on. Raises MediaError and OSError, and then nothing is open."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, (LOOPBACK, 0))
        port: int = self._transport.get_extra_info("sockname")[1]
        try:
            await self._place.forward(port, self._ssrc)
        except BaseException:
            self._transport.close()
            raise
        self._keeping = loop.create_task(self._keep())

    async def stop(self) -> None:
        """No more is taken in; what was is kept. Never raises: what could not be kept was said."""
        self._end()
        await self._place.hush()
        if self._keeping is not None:
            await asyncio.wait([self._keeping])
            if not self._keeping.cancelled() and (error := self._keeping.exception()) is not None:
                logger.error("a voice was not recorded to its end: %s", type(error).__name__, exc_info=error)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._over:
            return
        page = self._take.voice.feed(data, time.monotonic())
        if page:
            self._pages.put_nowait(self._take.page(page))
        if self._take.voice.ms >= TRACK_MS:
            self._pages.put_nowait(self._take.page(self._take.voice.finish(), last=True))
            self._take = Take(self._ssrc)
        if self._pages.qsize() > MOST_WAITING:
            logger.error("a voice is recorded no further: its pieces cannot be kept as fast as they come")
            self._overrun = True
            self._end()

    def _end(self) -> None:
        """Take in no more; the first time, what there is of the last page is put where the others are."""
        if self._transport is not None:
            self._transport.close()
        if not self._over:
            self._over = True
            self._pages.put_nowait(self._take.page(self._take.voice.finish(), last=True))
            self._pages.put_nowait(None)

    async def _keep(self) -> None:
        """Seal what comes until it is over, or may not be kept; then say that this is all. Of who said nothing there is an empty track:
        nobody waits for it. Where it ends before its time the room is told."""
        page: Page | None = None
        try:
            while (page := await self._pages.get()) is not None:
                await self._patiently(partial(self._kept, page))
        except Refused as refusal:
            logger.warning("a voice is recorded no further: %s", refusal.kind.code)
        except (DatabaseError, InterfaceError, OSError):
            logger.exception("a voice is recorded no further")
            self._track = None
        self._end()
        if page is not None:
            await self._patiently(partial(self._close, page))
        if page is not None or self._overrun:
            await self._patiently(partial(capturing.cut_short, self._person, self._room, self.generation))

    async def _patiently(self, work: Callable[[], None]) -> None:
        """Again and again while the disk, the database or the keyring is away, for two minutes. Raises what the last attempt raised."""
        for wait in WAIT_SECONDS:
            try:
                await for_recorders(work)
            except TRANSIENT as error:
                logger.warning("a voice cannot be kept yet: %s", type(error).__name__)
                self._track = None
                await asyncio.sleep(wait)
            else:
                return
        await for_recorders(work)

    def _open(self, page: Page) -> Track:
        """The track of a page, made with its first one."""
        person = Person.objects.get(id=self._person)
        age_ms = round((time.monotonic() - page.since) * 1000)
        return capturing.open_track(person, self._room, self.generation, page.track, age_ms, by_server=True)

    def _kept(self, page: Page) -> None:
        """Add a page to its track. Done again after it failed in the middle, it goes on from what was kept."""
        track = self._track = self._track or self._open(page)
        if track.state == Track.State.ENDED:
            self._track = None
            return
        taking.lost(track, page.lost_ms)
        rest, length = page.data[track.size - page.at :], page.at + len(page.data)
        sent = Sent(track.size, page.ms, length if page.last else None)
        track = capturing.take(track, sent, io.BytesIO(rest).read)
        self._track = None if page.last else track

    def _close(self, page: Page) -> None:
        """The track ends before this page."""
        with suppress(Refused):  # somebody took the consent back: there is nothing to end
            track = self._track or self._open(page)
            capturing.take(track, Sent(track.size, track.captured_ms, track.size), io.BytesIO().read)
