"""The process that makes captions: never waited for, leaves sound out when it is slow, and is heard of when it fails."""

import asyncio
import base64
import json
import sys
from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from consult.calls import captioner, captioning
from consult.calls.captioner import MAX_HELD, Captioner
from consult.calls.captioning import PIECES_AT_ONCE
from consult.calls.views import Seat, View
from consult.models.calls import Call, CallSeat
from consult.protocol.captions import CaptionsSound
from records.demo import demo_id
from tests.consult.calling import a_case, connected, done, hears, refused
from tests.consult.device import client_id, device
from tests.consult.sound import pieces
from tests.deployment import Deployment
from tests.transcription import sounds
from transcription import caption_wire
from transcription.caption_wire import Said
from transcription.captioner import Desk

pytestmark = pytest.mark.once
PATIENCE = 300.0
# Other programs, which behave as a captioner may.
GONE = ""
NO_MODEL = """import sys; print('{"type":"failed"}', flush=True); sys.stdin.read()"""
READY = """import sys; print('{"type":"ready"}', flush=True); sys.stdin.read()"""
ECHO = """import sys; read = sys.stdin.buffer.read; print('{"type":"ready"}', flush=True)
while len(said := read(6)) == 6:
    length = int.from_bytes(said[4:], "little"); read(length)
    print('{"type":"said","speaker":%d,"number":%d,"text":"x","final":false}' % (said[0], length), flush=True)"""


class Asked:
    """A captioner that runs such a program, and what whoever asked for captions hears of it."""

    def __init__(self, script: str) -> None:
        self.said: list[tuple[int, int]] = []  # speaker, and the length of a piece
        self.problems: list[str | None] = []
        self._news = asyncio.Event()
        self.captioner = Captioner(self._line, self._turned, (sys.executable, "-S", "-c", script))

    def _line(self, said: Said) -> None:
        self.said.append((said.speaker, said.number))
        self._news.set()

    def _turned(self) -> None:
        self.problems.append(self.captioner.problem)
        self._news.set()

    async def end(self) -> None:
        self.captioner.close()
        await self.captioner.ended()

    async def until(self, found: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not found():
                self._news.clear()
                await self._news.wait()


async def test_a_slow_captioner_holds_nobody_up_and_what_waited_too_long_is_left_out() -> None:
    asked = Asked(ECHO)
    asked.captioner.hear(1, bytes(2))
    await asked.until(lambda: asked.problems == ["starting", None])
    for length in range(1, MAX_HELD + 6):
        asked.captioner.hear(1, bytes(2 * length))
    assert asked.problems[2:] == ["overloaded"]
    await asked.until(lambda: len(asked.said) == 7 and asked.problems[-1] is None)
    assert [length for _, length in asked.said[1:]] == [0, *(2 * length for length in range(MAX_HELD + 1, MAX_HELD + 6))]
    await asked.end()


async def test_of_whoever_is_captioned_no_more_nothing_that_waits_is_heard() -> None:
    asked = Asked(ECHO)
    for _ in range(5):
        asked.captioner.hear(1, bytes(8))
        asked.captioner.hear(2, bytes(6))
    asked.captioner.forget(1, last=False)
    await asked.until(lambda: len(asked.said) == 6)
    assert asked.said == [*[(2, 6)] * 5, (1, 0)]
    await asked.end()


@pytest.mark.parametrize("script", [GONE, NO_MODEL])
async def test_a_captioner_that_fails_is_said_to_and_started_again_later(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(script)
    asked.captioner.hear(1, bytes(8))
    await asked.until(lambda: asked.problems == ["starting", "unavailable"])
    assert asked.captioner.failed
    monkeypatch.setattr(captioner, "RETRY_SECONDS", 0.0)
    assert not asked.captioner.failed
    asked.captioner.hear(1, bytes(8))
    await asked.end()


async def test_whoever_comes_back_while_the_model_is_loaded_hears_that_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dr Zhao's socket breaks off after "starting": on the screens that stays until his new one tells otherwise."""
    call, zhao = Call(state=Call.State.ACTIVE), uuid4()
    problems: asyncio.Queue[str | None] = asyncio.Queue()
    views: dict[UUID, View] = {}

    def sits(line: str) -> Seat:
        seat = Seat(zhao, CallSeat.State.BOUND, "tab", line, 0, None, captions=CallSeat.Captions.ON)
        views[call.id] = View(call, {zhao: seat}, None)
        return seat

    monkeypatch.setattr(captioning, "Captioner", partial(Captioner, command=(sys.executable, "-S", "-c", READY)))
    desk = captioning.Captioning(views, lambda _call, _seat, frame: problems.put_nowait(json.loads(frame).get("problem")))
    desk.hear(sits("first"), CaptionsSound("1", call.id, bytes(8)))
    assert await problems.get() == "starting"
    desk.gone("first")
    desk.hear(sits("second"), CaptionsSound("1", call.id, bytes(8)))
    async with asyncio.timeout(PATIENCE):
        while await problems.get() is not None:
            pass
    desk.gone("second")
    desk.hear(sits("third"), CaptionsSound("1", call.id, bytes(8)))
    assert problems.get_nowait() is None, "all was well before this one came, and the screens may not know it"
    desk.close()


class Counting:
    """An ear that writes how many samples it was given."""

    def text(self, samples: NDArray[np.float32], *, final: bool) -> str:
        return str(len(samples))


def test_two_speakers_at_one_desk_have_lines_of_their_own_whatever_the_pieces_of_the_pipe() -> None:
    desk = Desk(Counting)
    said = sounds.in_turn(sounds.spoken("Good morning."), sounds.silence(1.2)).tobytes()
    wire = b"".join(caption_wire.piece(number, one) for one in pieces(said) for number in (1, 2))
    for at in range(0, len(wire), 1000):
        desk.read(wire[at : at + 1000])
    finals = [one for one in desk.captions() if one.final]
    assert [(one.speaker, one.number) for one in finals] == [(1, 0), (2, 0)]
    assert finals[0].text == finals[1].text
    desk.read(caption_wire.piece(1, b""))
    assert list(desk.captions()) == []


@pytest.mark.heavy
async def test_what_wang_says_is_read_on_both_screens_while_she_says_it(hospital: Deployment) -> None:
    server = await asyncio.to_thread(hospital.start, "--no-worker", env={"XINQIAO_CAPTIONED_CALLS": "1"})
    spoken = sounds.spoken("My head hurts and I feel a little dizzy.")
    said, at = sounds.in_turn(spoken, sounds.silence(1.2)).tobytes(), int(np.abs(spoken).argmax())
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        call = await connected(wang, zhao, await a_case(wang, zhao))
        await done(zhao, "captions.request", call=call, client_id=client_id(), text_version="1")
        await done(wang, "captions.consent", call=call, client_id=client_id(), granted=True, text_version="1")
        both = [{"person": str(demo_id(key)), "state": "on"} for key in ("wang", "zhao")]
        await hears(wang, "captions.state", call, people=both)
        for sound in pieces(said):
            await done(wang, "captions.sound", call=call, pcm=base64.b64encode(sound).decode())
            await asyncio.sleep(0.25)  # as fast as it is taken
        for one in (wang, zhao):
            line = await hears(one, "captions.line", call, person=str(demo_id("wang")), final=True)
            assert "dizzy" in line["text"].lower(), line
        quiet = base64.b64encode(bytes(2)).decode()
        codes = {(await wang.ask("captions.sound", call=call, pcm=quiet)).get("code") for _ in range(3 * PIECES_AT_ONCE)}
        assert codes == {None, "too_many"}, "no faster than it is said"
        await done(zhao, "captions.stop", call=call, client_id=client_id())
        await hears(wang, "captions.state", call, people=[])
        assert await refused(wang, "captions.sound", call=call, pcm=quiet) == "captions.not_on"
        await done(zhao, "call.hangup", call=call)
    kept = [path.read_bytes() for path in hospital.data.rglob("*") if path.is_file() and "models" not in path.parts]
    loudest = spoken[at : at + 32].tobytes()
    assert not any(loudest in one or b"a little dizzy" in one for one in kept), (
        "neither the sound nor the words are on the disk"
    )
