"""What the engines make of real speech. Each loads its model once for all of this file."""

import numpy as np
import pytest
from django.test.utils import override_settings

from tests.transcription import openai_weights, sounds
from tests.transcription.test_tracks import track
from transcription import engines, vocabulary, weights
from transcription.listening import Track, Transcription, listen
from transcription.vocabulary import Terms

pytestmark = [pytest.mark.heavy, pytest.mark.once]
OURS = vocabulary.read(vocabulary.OURS)
MEDICINES = "Please take one tablet of amlodipine every morning, and metoprolol twice a day."


@pytest.fixture(scope="module")
def engine() -> engines.Engine:
    return engines.load("faster-whisper")


def heard(engine: engines.Engine, *tracks: Track, terms: Terms = OURS, language: str = "auto") -> Transcription:
    return listen(tracks, engine, language, lambda _: None, terms)


def said(transcription: Transcription, speaker: str) -> str:
    return " ".join(line["text"] for line in transcription.body["segments"] if line["speaker"] == speaker).lower()


def test_two_people_who_talk_at_once_are_both_kept_and_medicines_are_spelled(engine: engines.Engine) -> None:
    doctor, wang = sounds.spoken(MEDICINES), sounds.spoken("I took the tablets after breakfast, as you told me.", "en+f3")
    both = heard(engine, track("zhao", 2.0, doctor), track("wang", 2.0, wang))
    assert both.language == "en"
    assert both.warnings == []
    assert {"amlodipine", "metoprolol"} <= set(said(both, "zhao").replace(",", "").split())
    assert "after breakfast" in said(both, "wang")
    first = [next(line["start"] for line in both.body["segments"] if line["speaker"] == who) for who in ("zhao", "wang")]
    assert first == pytest.approx([2.0, 2.0], abs=0.5)
    assert "amlodipine" not in said(heard(engine, track("zhao", 2.0, doctor), terms=Terms()), "zhao"), "the hint did it"


def test_an_utterance_between_long_silences_is_heard_where_it_was_said(engine: engines.Engine) -> None:
    wang = sounds.spoken("It was quite high this morning. I feel a little dizzy.")
    sparse = sounds.in_turn(sounds.silence(45), wang, sounds.silence(70), wang, sounds.silence(30))
    found = heard(engine, track("wang", 0, sparse))
    assert found.body["coverage"]["gaps"] == []
    starts = [line["start"] for line in found.body["segments"] if "morning" in line["text"]]
    assert starts == pytest.approx([45, 45 + len(wang) / sounds.RATE + 70], abs=0.6)


def test_each_of_two_people_is_understood_in_their_own_language(engine: engines.Engine) -> None:
    zhao, wang = (
        sounds.spoken("Good morning. How is your blood pressure today?"),
        sounds.spoken("谢谢医生，我知道了。", sounds.MANDARIN),
    )
    both = heard(engine, track("zhao", 0, zhao), track("wang", 4, wang))
    assert both.language == "en"
    assert "blood pressure" in said(both, "zhao")
    assert "医生" in said(both, "wang")


@pytest.fixture(scope="module")
def openai(tmp_path_factory: pytest.TempPathFactory) -> engines.Engine:
    pytest.importorskip("whisper", reason="openai-whisper is an extra of its own: uv sync --extra openai-whisper")
    checkpoint = tmp_path_factory.mktemp("openai") / "base.pt"
    openai_weights.write(weights.find().directory / "model.bin", checkpoint)
    with override_settings(XINQIAO_SPEECH_MODEL=str(checkpoint)):
        return engines.load("openai-whisper")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the package leaves a file of its own open
def test_openai_whisper_hears_the_same_from_the_same_weights(openai: engines.Engine, engine: engines.Engine) -> None:
    samples = sounds.in_turn(sounds.silence(2), sounds.spoken(MEDICINES), sounds.silence(8))
    theirs, ours = (heard(one, track("zhao", 0, samples)) for one in (openai, engine))
    assert (openai.name, openai.model) == ("openai-whisper", "whisper-base")
    assert said(theirs, "zhao") == said(ours, "zhao")
    assert theirs.body["segments"][0]["start"] == pytest.approx(ours.body["segments"][0]["start"], abs=0.5)
    assert openai.hear(np.zeros(5 * sounds.RATE, np.float32), "en", OURS, lambda _: None) == []
    assert theirs.language == "en"
