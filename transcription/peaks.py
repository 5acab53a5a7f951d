"""How loud a call is over time, for drawing: computed once from what the transcription decodes, and sealed with the call's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from records.vault import Context, open_key, seal, unseal
from transcription.audio import RATE
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from numpy.typing import NDArray

    from transcription.listening import Track

MOST: Final = 1200
A_SECOND: Final = 20
LOUDEST: Final = 100


class Peaks(msgspec.Struct, frozen=True):
    """For each channel the loudest sample of every stretch, 0 to 100 of the loudest of the call. All stretches are equally long.

    `speakers`: whom each channel lets hear, as the lines of the dialogue name them.
    """

    channels: list[list[int]]
    speakers: list[str] = []


NONE: Final = Peaks([])


def keep(recording: Recording, tracks: Iterable[Track]) -> None:
    """Measure the decoded tracks and store the result. Done again, it is the same. Raises CannotTranscribe."""
    key = open_key(recording.key_id)
    voices = [(track, *voice) for track in tracks for voice in _voices(track)]
    found = measured((track.offset, track.audio.blocks(channel)) for track, _, channel in voices)
    named = Peaks(found.channels, [speaker for _, speaker, _ in voices])
    blob = seal(key, _context(key.scope, recording), msgspec.json.encode(named))
    Recording.objects.filter(id=recording.id).update(peaks=blob)


def _voices(track: Track) -> list[tuple[str, int | None]]:
    """Whom a track lets hear, and on which channel; None: on all of them."""
    if track.speaker is not None:
        return [(track.speaker, None)]
    return [(f"channel-{channel + 1}", channel) for channel in range(track.audio.channels)]


def of(recording: Recording) -> Peaks:
    """NONE while nobody has measured it, and when it was shredded. Raises SealBroken, KeyMissing."""
    if not recording.peaks:
        return NONE
    key = open_key(recording.key_id)
    return msgspec.json.decode(unseal(key, _context(key.scope, recording), bytes(recording.peaks)), type=Peaks)


def measured(voices: Iterable[tuple[float, Iterable[NDArray[np.int16]]]]) -> Peaks:
    """Of each voice (seconds before its first sample, its samples in blocks) at most MOST values, and A_SECOND a second."""
    heights = [np.concatenate([np.zeros(round(offset * A_SECOND), np.int64), _heights(blocks)]) for offset, blocks in voices]
    length = max((len(each) for each in heights), default=0)
    if length == 0:
        return NONE
    starts = np.unique(np.arange(min(MOST, length)) * length // min(MOST, length))
    full = max(1, *(int(each.max(initial=0)) for each in heights))
    even = (np.pad(each, (0, length - len(each))) for each in heights)
    return Peaks([(np.maximum.reduceat(each, starts) * LOUDEST // full).tolist() for each in even])


def _heights(blocks: Iterable[NDArray[np.int16]]) -> NDArray[np.int64]:
    """The loudest sample of every 1/A_SECOND, the last stretch shorter."""
    step = RATE // A_SECOND
    found: list[NDArray[np.int64]] = []
    rest = np.zeros(0, np.int16)
    for block in blocks:
        samples = np.concatenate([rest, block])
        whole = len(samples) // step * step
        found.append(np.abs(samples[:whole].astype(np.int64)).reshape(-1, step).max(axis=1))
        rest = samples[whole:]
    if len(rest):
        found.append(np.abs(rest.astype(np.int64)).max(keepdims=True))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _context(chart: UUID, recording: Recording) -> Context:
    return Context("recording.peaks", chart, 0, recording.uploaded_by_id, str(recording.id), "application/json")
