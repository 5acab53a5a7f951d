"""Audio containers that are accepted, known by their first bytes. Anything else never reaches a decoder."""

from __future__ import annotations

from typing import Final, NamedTuple


class Format(NamedTuple):
    """`demuxer` is FFmpeg's name; only that one is opened, because probing reaches playlists that open network addresses."""

    name: str
    media_type: str
    demuxer: str


UNKNOWN: Final = Format("unknown", "application/octet-stream", "")
WAV: Final = Format("wav", "audio/wav", "wav")
MP3: Final = Format("mp3", "audio/mpeg", "mp3")
MP4: Final = Format("mp4", "audio/mp4", "mov")
OGG: Final = Format("ogg", "audio/ogg", "ogg")
WEBM: Final = Format("webm", "audio/webm", "matroska")
FLAC: Final = Format("flac", "audio/flac", "flac")

_SIGNATURES: Final = (
    (0, b"RIFF", WAV),
    (0, b"RF64", WAV),
    (0, b"fLaC", FLAC),
    (0, b"OggS", OGG),
    (0, b"\x1a\x45\xdf\xa3", WEBM),
    (0, b"ID3", MP3),
    (4, b"ftyp", MP4),
)


def format_of(head: bytes) -> Format:
    """The container that begins with `head` (16 bytes suffice), or UNKNOWN. What the client calls it does not count."""
    for offset, signature, found in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return found if found is not WAV or head[8:12] in {b"WAVE", b""} else UNKNOWN
    return MP3 if _is_mpeg_layer_3(head) else UNKNOWN


def _is_mpeg_layer_3(head: bytes) -> bool:
    """ISO 11172-3: eleven sync bits, a known version, layer III, a bitrate and a sample rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in {0, 15} and rate != 3  # noqa: PLR2004
