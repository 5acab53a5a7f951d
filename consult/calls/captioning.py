"""The captions of this process: the sound of its devices goes to the captioner, and the lines back to the two who talk.

Lives on the hub's event loop. Nothing is kept: not the sound, not the words.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from consult.calls.captioner import Captioner
from consult.calls.errors import CAPTIONS_FAILED, NOT_CAPTIONED
from consult.models.calls import CallSeat
from consult.protocol import encode
from consult.protocol.captions import CaptionsLine, CaptionsTrouble
from consult.ratelimit import Bucket
from records.errors import BAD_INPUT, TOO_MANY, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from consult.calls.views import Seat, View
    from consult.protocol.base import Frame
    from consult.protocol.captions import CaptionsSound
    from transcription.caption_wire import Said

# Pieces of 0.4 s come two and a half times a second; what a slow network held back may come at once.
PIECES_PER_SECOND: Final = 4
PIECES_AT_ONCE: Final = 10
ODD: Final = {"pcm": {"zh": "声音数据的长度不对。", "en": "The sound has a wrong length."}}


@dataclass(slots=True)
class Speaker:
    number: int
    call: UUID
    person: UUID
    bucket: Bucket = field(default_factory=lambda: Bucket(PIECES_PER_SECOND, PIECES_AT_ONCE))
    # Of what trouble the listeners know; "": they may still read what the speaker before was told.
    told: str | None = ""


class Captioning:
    def __init__(self, views: Mapping[UUID, View], send: Callable[[UUID, Seat, bytes], None]) -> None:
        """`views`: the live calls that this process knows. `send` takes a frame to whoever sits there, wherever they are connected."""
        self._views, self._send = views, send
        self._numbers = itertools.count(1)
        self._speakers: dict[str, Speaker] = {}  # by line
        self._captioner: Captioner | None = None

    def hear(self, seat: Seat, command: CaptionsSound) -> None:
        """Sound of somebody who talks. Raises Refused."""
        if seat.captions != CallSeat.Captions.ON:
            raise Refused(NOT_CAPTIONED)
        if len(command.pcm) % 2:
            raise Refused(BAD_INPUT, ODD)
        captioner = self._captioner = self._captioner or Captioner(self._said, self._troubled)
        if captioner.failed:
            raise Refused(CAPTIONS_FAILED)
        speaker = self._speakers.get(seat.line)
        if speaker is None:
            speaker = self._speakers[seat.line] = Speaker(next(self._numbers), command.call, seat.person)
        if wait := speaker.bucket.take():
            raise Refused(TOO_MANY, retry_after=wait)
        captioner.hear(speaker.number, command.pcm)
        self._tell_trouble(speaker)

    def show(self, view: View) -> None:
        """A call as it is now: whoever is not captioned any more is not heard either."""
        for line, speaker in list(self._speakers.items()):
            if speaker.call == view.call.id and not _captioned(view, speaker, line):
                self.gone(line)

    def gone(self, line: str | None) -> None:
        speaker = self._speakers.pop(line or "", None)
        if speaker is not None and self._captioner is not None:
            self._captioner.forget(speaker.number, last=not self._speakers)

    def close(self) -> None:
        if self._captioner is not None:
            self._captioner.close()

    def _said(self, said: Said) -> None:
        for line, speaker in self._speakers.items():
            if speaker.number == said.speaker:
                self._tell(line, speaker, CaptionsLine(speaker.call, speaker.person, said.number, said.text, said.final))

    def _troubled(self) -> None:
        for speaker in self._speakers.values():
            self._tell_trouble(speaker)

    def _tell_trouble(self, speaker: Speaker) -> None:
        problem = self._captioner.problem if self._captioner is not None else None
        line = next((line for line, one in self._speakers.items() if one is speaker), None)
        if line is not None and problem != speaker.told:
            speaker.told = problem
            self._tell(line, speaker, CaptionsTrouble(speaker.call, speaker.person, problem))

    def _tell(self, line: str, speaker: Speaker, frame: Frame) -> None:
        """To both who talk, if this one may still be captioned."""
        view = self._views.get(speaker.call)
        if view is None or not _captioned(view, speaker, line):
            return
        for seat in view.seats.values():
            if seat.state == CallSeat.State.BOUND:
                self._send(speaker.call, seat, encode(frame))


def _captioned(view: View, speaker: Speaker, line: str) -> bool:
    seat = view.talks(speaker.person, line)
    return view.active and seat is not None and seat.captions == CallSeat.Captions.ON
