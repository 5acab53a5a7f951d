"""Pieces of sound for captions, as a page sends them."""

import base64
from collections.abc import Iterator

from consult.protocol.captions import MAX_SOUND_BYTES


def piece(length: int = MAX_SOUND_BYTES) -> str:
    """Silence of so many bytes."""
    return base64.b64encode(bytes(length)).decode()


def pieces(sound: bytes) -> Iterator[bytes]:
    """16 kHz mono PCM in pieces of 0.4 s, the last one shorter."""
    return (sound[at : at + MAX_SOUND_BYTES] for at in range(0, len(sound), MAX_SOUND_BYTES))
