"""One person's voice from the packets of a media server to a file on the clock of who said it. Pure.

A packet that never came is silence of its length, and counted as lost; time in which a device sent nothing, because it was muted, is
silence and nothing else. So that a line of the dialogue stands at the second at which it was said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from transcription.rtp.ogg import RATE, SILENCE_SAMPLES, OggOpus, samples_of
from transcription.rtp.packets import Order

if TYPE_CHECKING:
    from transcription.rtp.packets import Packet

AHEAD: Final = (
    RATE * 3 // 2
)  # how far silence may run ahead of the clock of who hears it: less than a track may (taking.CLOCK_MS)


class Voice:
    """`feed` and `finish` return the bytes that are ready to be kept. `since`: when the first packet came."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self._order, self._ogg = Order(ssrc), OggOpus(ssrc)
        self._last: Packet | None = None
        self._due = 0  # the time stamp at which the next packet would follow without a gap
        self._lost = 0
        self.since = self._now = 0.0

    @property
    def begun(self) -> bool:
        return self._last is not None

    @property
    def ms(self) -> int:
        return self._ogg.samples * 1000 // RATE

    @property
    def lost_ms(self) -> int:
        """How much of it was sent and did not arrive."""
        return self._lost * 1000 // RATE

    def feed(self, datagram: bytes, now: float) -> bytes:
        """`now`: seconds, by any clock that only goes forward. No time stamp makes more silence than has passed by it."""
        self._now = now
        return b"".join(map(self._add, self._order.feed(datagram)))

    def finish(self) -> bytes:
        ready = b"".join(map(self._add, self._order.rest()))
        return ready + self._ogg.finish() if self.begun else b""

    def _add(self, packet: Packet) -> bytes:
        samples = samples_of(packet.payload)
        if not samples:
            return b""
        if self._last is None:
            self.since, ready = self._now, self._ogg.head()
        else:
            ready = self._silence(packet, self._last)
        self._last, self._due = packet, packet.time + samples
        return ready + self._ogg.add(packet.payload)

    def _silence(self, packet: Packet, last: Packet) -> bytes:
        passed = round((self._now - self.since) * RATE) + AHEAD - self._ogg.samples
        gap = max(0, min(packet.time - self._due, passed))
        if packet.at > last.at + 1:
            self._lost += min(gap, (packet.at - last.at - 1) * SILENCE_SAMPLES)
        return self._ogg.silence(gap)
