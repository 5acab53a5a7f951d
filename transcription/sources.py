"""What a recording's words are taken from: one file, or one track for each person of a call. No decoder is needed to name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

from transcription.segments import SealedReader, sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from transcription.models import Recording


class Source(NamedTuple):
    """A sealed file of `size` bytes, opened for reading (seekable).

    `speaker`: whom alone it lets hear, as the lines of the dialogue name her (a person's id); None: as many as it has channels.
    `offset`: seconds from the beginning of the recording to the file's first sample.
    """

    speaker: str | None
    offset: float
    file: BinaryIO
    size: int


# Recording's origin -> its sources, where it is not one file. Filled by who keeps recordings in several.
_of_origin: Final[dict[str, Callable[[Recording], Sequence[Source]]]] = {}


def register(origin: str, sources: Callable[[Recording], Sequence[Source]]) -> None:
    """Let recordings of this origin be heard from `sources`, which may raise Refused (a seal that does not open)."""
    _of_origin[origin] = sources


def sources_of(recording: Recording) -> Sequence[Source]:
    """Raises Refused(DAMAGED) and KeyMissing."""
    if recording.origin in _of_origin:
        return _of_origin[recording.origin](recording)
    return [Source(None, 0.0, cast("BinaryIO", SealedReader(sealed(recording))), recording.size)]
