"""Captions in a process of their own: `python -m transcription.captioner`. One thread, so never more than a core.

Reads and writes what `caption_wire` says, and ends with its input. Everything stays in memory: a crash leaves no image of it.
"""

from __future__ import annotations

import os
import resource
import select
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from django.conf import settings

from transcription import engines
from transcription.audio import RATE
from transcription.caption_wire import HEADER, Failed, Ready, Report, Said
from transcription.captions import PAUSE_SECONDS, Line
from transcription.failures import CannotTranscribe
from transcription.speech import as_float

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from transcription.captions import Caption, LiveEar

NICENESS: Final = 10
READ_BYTES: Final = 64 * 1024
LOOK_SECONDS: Final = 0.2
GAP_SECONDS: Final = 1.0  # without sound end a line: a microphone that was muted sends none
QUIET: Final = np.zeros(int(2 * PAUSE_SECONDS * RATE), np.int16)


class Speaker:
    """Whoever is captioned, with what of their sound was not looked at yet."""

    def __init__(self, ear: LiveEar) -> None:
        self._ear, self._line = ear, Line(0, 0.0)
        self._heard: deque[bytes] = deque()
        self._last = time.monotonic()
        self._open = False  # sound came after the last gap

    def hear(self, pcm: bytes) -> None:
        self._heard.append(pcm)
        self._last, self._open = time.monotonic(), True

    def captions(self, sharing: int) -> Iterator[Caption]:
        """What can be shown now. Of a line that goes on only the newest: what came while the model was busy is heard at once."""
        while self._heard:
            yield from self._take(np.frombuffer(self._heard.popleft(), "<i2"), sharing)
        if self._open and time.monotonic() - self._last >= GAP_SECONDS:
            self._open = False
            yield from self._take(QUIET, sharing)
        if self._line.is_due:
            yield from self._line.shown(self._ear, final=False, sharing=sharing)

    def _take(self, samples: NDArray[np.int16], sharing: int) -> Iterator[Caption]:
        self._line.add(as_float(samples))
        if self._line.ended:
            yield from self._line.shown(self._ear, final=True, sharing=sharing)
            self._line = self._line.following()


class Desk:
    """Everybody who is captioned in this process, in turn."""

    def __init__(self, ears: Callable[[], LiveEar]) -> None:
        self._ears = ears
        self._speakers: dict[int, Speaker] = {}
        self._rest = b""

    def read(self, data: bytes) -> None:
        data, at = self._rest + data, 0
        while at + HEADER.size <= len(data):
            number, length = HEADER.unpack_from(data, at)
            end = at + HEADER.size + length
            if end > len(data):
                break
            self._heard(number, data[at + HEADER.size : end])
            at = end
        self._rest = data[at:]

    def _heard(self, number: int, pcm: bytes) -> None:
        if not pcm:
            self._speakers.pop(number, None)
            return
        if number not in self._speakers:
            self._speakers[number] = Speaker(self._ears())
        self._speakers[number].hear(pcm)

    def captions(self) -> Iterator[Said]:
        for number, speaker in list(self._speakers.items()):
            for caption in speaker.captions(len(self._speakers)):
                yield Said(number, caption.number, caption.text, caption.final)


def run(ears: Callable[[], LiveEar], tell: Callable[[Report], None], source: int) -> None:
    """Caption what comes from the descriptor `source` until it ends."""
    desk = Desk(ears)
    while True:
        while select.select([source], [], [], LOOK_SECONDS)[0]:
            data = os.read(source, READ_BYTES)
            if not data:
                return
            desk.read(data)
            if len(data) < READ_BYTES:
                break
        for said in desk.captions():
            tell(said)


def _tell(report: Report) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    try:
        ears = engines.ears(settings.XINQIAO_SPEECH_ENGINE)
    except CannotTranscribe:
        _tell(Failed())
        return
    _tell(Ready())
    run(ears, _tell, sys.stdin.fileno())


if __name__ == "__main__":
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
