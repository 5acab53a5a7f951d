"""Captions while somebody speaks: a line grows, becomes final in her pause, and nothing is shown of silence."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.transcription import sounds
from transcription import captions as live
from transcription.captions import Caption, captions
from transcription.engines import faster_whisper

pytestmark = pytest.mark.once
FIRST, SECOND = "Good morning. How is your blood pressure today?", "Please measure it twice a day."


class Seconds:
    """An ear that writes how many seconds it was given; what it hears is no matter of theirs."""

    def text(self, samples: NDArray[np.float32], *, final: bool) -> str:
        return f"{len(samples) / sounds.RATE:.1f}"


def shown(*parts: sounds.Samples, ear: live.LiveEar | None = None, chunk: float = 0.4) -> list[Caption]:
    said = sounds.in_turn(*parts)
    step = int(chunk * sounds.RATE)
    return list(captions((said[at : at + step] for at in range(0, len(said), step)), ear or Seconds()))


def test_a_line_is_shown_while_it_is_said_and_is_final_in_the_pause_after_it() -> None:
    said = sounds.spoken(FIRST)
    lines = shown(sounds.silence(4), said, sounds.silence(2), said, sounds.silence(0.3))
    assert [line.number for line in lines if line.final] == [0, 1], "the second one ends with the call"
    assert [line.number for line in lines] == sorted(line.number for line in lines)
    first = [line for line in lines if line.number == 0]
    assert len(first) >= 3
    assert [line.final for line in first] == [False] * (len(first) - 1) + [True]
    assert [line.start for line in lines if line.final] == pytest.approx([4, 6 + len(said) / sounds.RATE], abs=0.3)


def test_silence_and_a_tone_have_no_captions() -> None:
    assert shown(sounds.silence(20), sounds.tone(5)) == []
    assert list(captions([], Seconds())) == []


def test_somebody_who_never_pauses_gets_lines_of_which_none_is_too_long_and_no_word_comes_twice() -> None:
    talk = [sounds.spoken(FIRST)[: int(2.2 * sounds.RATE)]] * 14
    finals = [line for line in shown(*talk) if line.final]
    assert len(finals) >= 2
    assert all(float(line.text) <= live.LONGEST_LINE + 0.5 for line in finals)
    assert sum(float(line.text) for line in finals) == pytest.approx(14 * 2.2, abs=2.0)


def test_a_slow_model_is_asked_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    said = sounds.spoken(SECOND)
    quick = len(shown(said))
    monkeypatch.setattr(live, "BUSY", 1e6)
    assert quick > len(shown(said)) >= 1


@pytest.mark.heavy
def test_the_real_model_captions_what_is_said() -> None:
    ear = faster_whisper.ears()()
    lines = shown(sounds.spoken(FIRST), sounds.silence(1.5), sounds.spoken(SECOND), sounds.silence(1), ear=ear, chunk=0.5)
    text = " ".join(line.text for line in lines if line.final).lower()
    assert "blood pressure" in text
    assert "twice a day" in text
    assert any(not line.final and "morning" in line.text.lower() for line in lines)
