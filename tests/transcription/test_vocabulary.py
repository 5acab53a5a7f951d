"""Names of medicines: what the model is told before, and what is doubted afterwards. Nothing is ever replaced."""

from pathlib import Path

import pytest
from pytest_django import Settings

from records import charts
from records.charts import Content
from tests.cast import id_of, who
from tests.transcription.test_dialogue import of_one, words
from transcription import dialogue, vocabulary, work
from transcription.models import Recording
from transcription.vocabulary import Terms

OURS = vocabulary.read(vocabulary.OURS)


def doubted(text: str, confidence: float = 0.9) -> dict[str, str]:
    """Name -> what was written for it, in a line of words of this confidence."""
    said = [word._replace(confidence=confidence) for word in words(text)]
    marked = vocabulary.checked(said, OURS)
    assert [word.text for word in marked] == [word.text for word in said]
    found: dict[str, str] = {}
    for word in marked:
        if word.term:
            assert word.confidence <= vocabulary.DOUBTED
            found[word.term] = (found.get(word.term, "") + word.text).strip(" .,")
    return found


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("Twice a day met a prolobe please.", "metoprolol", "met a prolobe"),
        ("The Lost Arton makes me cough.", "losartan", "Lost Arton"),
        ("I take rizuvastatin, and that.", "rosuvastatin", "rizuvastatin"),
        ("每天早上吃一片安绿地平。", "氨氯地平", "安绿地平"),
        ("美托罗尔一天两次", "美托洛尔", "美托罗尔"),
        ("可以吃阿斯匹林吗", "阿司匹林", "阿斯匹林"),
        ("华发林停了", "华法林", "华发林"),
        ("左氧佛沙星", "左氧氟沙星", "左氧佛沙星"),
    ],
)
def test_what_sounds_like_a_medicine_is_doubted_and_says_which(text: str, name: str, written: str) -> None:
    assert doubted(text) == {name: written}


@pytest.mark.parametrize(
    "text",
    [
        "I take amlodipine and metoprolol.",
        "我吃氨氯地平和阿司匹林",
        "Good morning. How is your blood pressure today? It was quite high, and I feel a little dizzy.",
        "从一到十，您给疼痛打几分？今天天气很好，我们去公园，早晚各量一次血压。",
        "The losing side was in solemn silence, as usual.",
    ],
)
def test_what_is_written_right_or_is_no_medicine_stays_as_it_is(text: str) -> None:
    assert doubted(text) == {}


@pytest.mark.parametrize(("text", "name"), [("I take Amlodipine, now.", "amlodipine"), ("我吃氨氯地平", "氨氯地平")])
def test_a_name_that_the_model_was_told_of_is_doubted_unless_it_is_sure_and_never_suggested_for_itself(
    text: str, name: str
) -> None:
    marked = vocabulary.checked([word._replace(confidence=0.7) for word in words(text)], OURS)
    unsure = "".join(word.text for word in marked if word.confidence <= vocabulary.DOUBTED).casefold()
    assert name in unsure
    assert {word.term for word in marked} == {None}


def test_a_hint_that_comes_back_as_speech_is_left_out_and_reported() -> None:
    said = dialogue.compose([("unknown", words("Amlodipine, metoprolol, metformin."))], OURS)
    assert (said.lines, said.invented) == ([], True)
    said = dialogue.compose([("unknown", words("Aspirin, metformin."))], OURS)
    assert (len(said.lines), said.crowded) == (1, False), "two are an answer"


@pytest.mark.parametrize(
    "lines",
    [
        ("Nifedipine, atorvastatin, metformin, 1, 2, 3, 3.",),
        ("Nifedipine 30.", "Atorvastatin 20.", "Metformin 500."),
        ("硝苯地平、阿托伐他汀、二甲双胍，好。",),
    ],
)
def test_a_text_of_little_else_than_medicines_stays_and_is_to_be_checked(lines: tuple[str, ...]) -> None:
    heard = [
        word._replace(start=word.start + 60 * at, end=word.end + 60 * at)
        for at, line in enumerate(lines)
        for word in words(line)
    ]
    said = dialogue.compose([("unknown", heard)], OURS)
    assert (len(said.lines), said.invented, said.crowded) == (len(lines), False, True)
    assert all(word.confidence <= vocabulary.DOUBTED for line in said.lines for word in line.words)


@pytest.mark.parametrize(
    ("text", "language", "hinted"),
    [
        ("氨氯地平、缬沙坦。", "zh", True),
        ("地平、沙坦。", "zh", True),
        ("我吃氨氯地平。", "zh", False),
        ("Metoprolol.", "en", True),
        ("Amlodipine, metoprolol, 1, 2, 3, 3.", "en", True),
        ("1, 2, 3.", "en", False),
        ("I took metoprolol.", "en", False),
        ("。", "zh", False),
        ("氨氯地平", "en", False),
    ],
)
def test_what_may_be_nothing_but_the_hint_is_known(text: str, language: str, hinted: bool) -> None:
    assert OURS.hinted(text, language) is hinted


def test_doubts_are_stored_with_the_words() -> None:
    said = dialogue.compose([("unknown", words("Now the losarton."))], OURS)
    assert [word.get("term") for word in dialogue.as_segments(said.lines)[0]["words"]] == [None, None, "losartan"]
    assert "term" not in dialogue.as_segments(of_one(words("Now.")).lines)[0]["words"][0]


def test_the_hint_is_short_and_begins_with_what_the_patient_takes(cast: None, settings: Settings, tmp_path: Path) -> None:
    assert OURS.hint("fr") == Terms().hint("en") == ""
    assert OURS.hint("en").startswith("amlodipine, metoprolol, ")
    assert len(OURS.hint("zh")) < 40
    assert OURS.first("左氧氟沙星片 0.5g，华法林").hint("zh").startswith("华法林、左氧氟沙星、氨氯地平")
    assert OURS.first("左氧氟沙星片").hint("en").startswith("levofloxacin, ")

    charts.add_entry(
        who("zhao"), id_of("wang"), client_id="a-medicine", kind="medication", content=Content("阿托伐他汀钙片 10mg")
    )
    call, note = (Recording(patient=who("wang"), origin=origin) for origin in (Recording.Origin.CALL, Recording.Origin.VOICE))
    assert work._terms(call).zh[:2] == ("阿托伐他汀", "氨氯地平"), "as her chart says"
    assert work._terms(note).zh[:2] == OURS.zh[:2]
    settings.XINQIAO_SPEECH_TERMS = tmp_path / "terms.txt"
    assert work._terms(note) == OURS, "a file that is not there"
    settings.XINQIAO_SPEECH_TERMS.write_text("# ours\n阿利沙坦酯 allisartan\n", encoding="utf-8")
    assert work._terms(note).hint("zh").startswith("阿利沙坦酯、氨氯地平")
