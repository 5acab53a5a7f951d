"""Opus packets into Ogg (RFC 3533, RFC 7845), a page a second. Pure; what was written can be read without what follows."""

from __future__ import annotations

import struct
import zlib
from typing import Final

RATE: Final = 48_000
PAGE_SAMPLES: Final = RATE
SEGMENTS: Final = 255  # of a page, and bytes of a segment
MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
ALL: Final = 0xFFFF_FFFF
HEADER: Final = struct.Struct("<4sBBqIIIB")
BEGINS, ENDS = 0x02, 0x04
# RFC 6716, 3.1: samples of one frame at 48 kHz, by the two low bits of the configuration.
SILK: Final = (480, 960, 1920, 2880)
HYBRID: Final = (480, 960, 480, 960)
CELT: Final = (120, 240, 480, 960)
LONGEST_SAMPLES: Final = 5760  # of a packet: 120 ms
SILENCE: Final = b"\xf8\xff\xfe"  # 20 ms
SILENCE_SAMPLES: Final = 960
SILENCES: Final = 6  # in LONG_SILENCE
LONG_SILENCE: Final = b"\xfb\x06" + SILENCES * SILENCE[1:]  # 120 ms


def samples_of(packet: bytes) -> int:
    """How long an Opus packet lasts, in samples at 48 kHz; 0: it is none, or longer than RFC 6716 allows."""
    if not packet:
        return 0
    configuration, code = packet[0] >> 3, packet[0] & 3
    frame = (SILK if configuration < 12 else HYBRID if configuration < 16 else CELT)[configuration & 3]  # noqa: PLR2004
    if code < 3:  # noqa: PLR2004
        return frame * (1 if code == 0 else 2)
    samples = frame * (packet[1] & 0x3F) if len(packet) > 1 else 0
    return samples if samples <= LONGEST_SAMPLES else 0


class OggOpus:
    """One stream of one voice. `add` and `finish` return the bytes that are ready; `samples` counts what was added."""

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._page = 0
        self._packets: list[bytes] = []
        self._segments = 0
        self._written = 0
        self.samples = 0

    def head(self) -> bytes:
        """The two pages that come first. No samples are skipped: the first one is the first that was sent."""
        identification = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, RATE, 0, 0)
        comment = b"OpusTags" + struct.pack("<I", 7) + b"Xinqiao" + struct.pack("<I", 0)
        return self._paged([identification], 0, BEGINS) + self._paged([comment], 0)

    def add(self, packet: bytes) -> bytes:
        """One packet, of `samples_of(packet)` samples."""
        needed = len(packet) // SEGMENTS + 1
        ready = self._flush() if self._segments + needed > SEGMENTS else b""
        self._packets.append(packet)
        self._segments += needed
        self.samples += samples_of(packet)
        return ready + self._flush() if self.samples - self._written >= PAGE_SAMPLES else ready

    def silence(self, samples: int) -> bytes:
        """So many samples without a sound, to the nearest 20 ms. Hours of it are made in no time: who waits serves every socket."""
        long, short = divmod(round(samples / SILENCE_SAMPLES), SILENCES)
        pages, long = divmod(long, SEGMENTS)
        ready = self._flush() if pages and self._packets else b""
        for _ in range(pages):
            self._packets, self.samples = [LONG_SILENCE] * SEGMENTS, self.samples + SEGMENTS * LONGEST_SAMPLES
            ready += self._flush()
        return ready + b"".join(map(self.add, [LONG_SILENCE] * long + [SILENCE] * short))

    def finish(self) -> bytes:
        return self._flush(ENDS)

    def _flush(self, flags: int = 0) -> bytes:
        page = self._paged(self._packets, self.samples, flags)
        self._packets, self._segments, self._written = [], 0, self.samples
        return page

    def _paged(self, packets: list[bytes], position: int, flags: int = 0) -> bytes:
        lacing = b"".join(b"\xff" * (len(packet) // SEGMENTS) + bytes([len(packet) % SEGMENTS]) for packet in packets)
        fields = [b"OggS", 0, flags, position, self._serial, self._page, 0, len(lacing)]
        body = lacing + b"".join(packets)
        fields[6] = _checksum(HEADER.pack(*fields) + body)
        self._page += 1
        return HEADER.pack(*fields) + body


def _checksum(data: bytes) -> int:
    """zlib's has the same polynomial, takes every byte from its low bit on, and begins and ends with all bits turned over."""
    value = zlib.crc32(data.translate(MIRRORED), ALL) ^ ALL
    return int.from_bytes(value.to_bytes(4, "little").translate(MIRRORED), "big")
