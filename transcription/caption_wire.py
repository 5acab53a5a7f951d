"""What passes between a server and its process for captions (transcription.captioner).

In: pieces of sound, each behind HEADER: a number for its speaker, and its length in bytes (16 kHz mono, signed 16-bit little-endian);
none means that this speaker is no longer heard. Out: a Report on each line, as JSON.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

import msgspec

HEADER: Final = Struct("<IH")


class Ready(msgspec.Struct, tag="ready"):
    """The model is loaded."""


class Failed(msgspec.Struct, tag="failed"):
    """There is no model."""


class Said(msgspec.Struct, tag="said"):
    """One line of a speaker's captions; one that is not `final` comes again under the same number."""

    speaker: int
    number: int
    text: str
    final: bool


Report = Ready | Failed | Said


def piece(speaker: int, pcm: bytes) -> bytes:
    return HEADER.pack(speaker, len(pcm)) + pcm
