"""RTP packets (RFC 3550) that carry Opus (RFC 7587): parsed, and put in order. Pure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 2
FIXED: Final = struct.Struct("!BBHII")
EXTENSION: Final = struct.Struct("!HH")
SEQUENCES: Final = 1 << 16
HELD: Final = 10  # packets that may wait for one before them: 200 ms of speech
FARTHEST: Final = (
    3_000  # packets from the newest one, a minute: what comes from farther is no part of this stream unless two do in a row
)


class Packet(NamedTuple):
    """`at`: sequence number, `time`: samples at 48 kHz; both counted on beyond the wire's 16 and 32 bits."""

    at: int
    time: int
    payload: bytes


def payload_of(datagram: bytes, ssrc: int) -> tuple[int, int, bytes] | None:
    """Sequence number, time stamp and payload of a packet of this source; None for whatever else it is, RTCP included."""
    if len(datagram) < FIXED.size:
        return None
    first, _, sequence, time, source = FIXED.unpack_from(datagram)
    start = FIXED.size + 4 * (first & 0x0F)
    if first >> 6 != VERSION or source != ssrc:
        return None
    if first & 0x10:
        if len(datagram) < start + EXTENSION.size:
            return None
        start += EXTENSION.size + 4 * EXTENSION.unpack_from(datagram, start)[1]
    end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
    return (sequence, time, datagram[start:end]) if start < end else None


class Order:
    """The packets of one source in their order; those that are late by more than HELD packets, or come twice, are left out."""

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._last: Packet | None = None  # the newest one seen, from which sequence numbers and times are counted on
        self._next = 0
        self._after_far: int | None = None  # the sequence number that would follow one that was too far
        self._waiting: dict[int, Packet] = {}

    def feed(self, datagram: bytes) -> Iterator[Packet]:
        """The packets whose turn has come with this one."""
        found = payload_of(datagram, self._ssrc)
        packet = None if found is None else self._counted(*found)
        if packet is None or packet.at < self._next or packet.at in self._waiting:
            return
        self._waiting[packet.at] = packet
        while self._next in self._waiting or len(self._waiting) > HELD:
            yield self._take(min(self._waiting))

    def rest(self) -> Iterator[Packet]:
        """What still waited, at the end."""
        while self._waiting:
            yield self._take(min(self._waiting))

    def _take(self, at: int) -> Packet:
        self._next = at + 1
        return self._waiting.pop(at)

    def _counted(self, sequence: int, time: int, payload: bytes) -> Packet | None:
        """None: too far from the others to belong to them, unless the next one follows it (RFC 3550, A.1): then a minute was lost."""
        if self._last is None:
            self._last, self._next = Packet(sequence, time, payload), sequence
            return self._last
        step, expected, self._after_far = _signed(sequence - self._last.at, 16), self._after_far, None
        if abs(step) > FARTHEST:
            if sequence != expected:
                self._after_far = (sequence + 1) % SEQUENCES
                return None
            step %= SEQUENCES
        packet = Packet(self._last.at + step, self._last.time + _signed(time - self._last.time, 32), payload)
        if step > 0:
            self._last = packet
        return packet


def _signed(difference: int, bits: int) -> int:
    """The nearest difference of two counters of so many bits."""
    half = 1 << (bits - 1)
    return (difference + half) % (1 << bits) - half
