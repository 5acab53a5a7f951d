"""Words become a dialogue: nothing invented, nothing lost, everything in order."""

import pytest

from transcription import dialogue, guards, speech
from transcription.engines import Word
from transcription.engines.faster_whisper import placed
from transcription.speech import Span


def words(text: str, start: float = 0.0, pause: float = 0.0) -> list[Word]:
    """One word every 0.3 s, with `pause` between them; a Chinese text is taken character by character."""
    parts = [f" {part}" for part in text.split()] if text.isascii() else list(text)
    return [Word(part, start + n * (0.3 + pause), start + n * (0.3 + pause) + 0.3, 0.9) for n, part in enumerate(parts)]


def texts(*channels: list[Word]) -> list[tuple[str, str]]:
    heard = [(f"channel-{number}", said) for number, said in enumerate(channels, start=1)]
    return [(line.speaker, line.text) for line in dialogue.compose(heard).lines]


def of_one(said: list[Word]) -> dialogue.Dialogue:
    return dialogue.compose([("unknown", said)])


def test_two_channels_become_one_dialogue_in_order_of_time() -> None:
    sun = words("How are you today?", 0) + words("And the dizziness?", 6)
    wang = words("Better, thank you.", 3) + words("It is gone.", 9)
    assert texts(sun, wang) == [
        ("channel-1", "How are you today?"),
        ("channel-2", "Better, thank you."),
        ("channel-1", "And the dizziness?"),
        ("channel-2", "It is gone."),
    ]


def test_a_person_on_two_tracks_is_one_speaker() -> None:
    heard = [("wang", words("Hello?")), ("sun", words("Good morning.", 2)), ("wang", words("I was cut off.", 5))]
    assert [(line.speaker, line.text) for line in dialogue.compose(heard).lines] == [
        ("wang", "Hello?"),
        ("sun", "Good morning."),
        ("wang", "I was cut off."),
    ]


def test_people_who_talk_at_once_keep_their_own_lines() -> None:
    assert texts(words("I said one two three", 0), words("and I said four", 0.1)) == [
        ("channel-1", "I said one two three"),
        ("channel-2", "and I said four"),
    ]


def test_a_pause_ends_a_line_and_so_does_a_sentence() -> None:
    said = words("It hurts", 0) + words("when I walk.", 3) + words("Dr. Zhao knows.", 4.2)
    assert [text for _, text in texts(said)] == ["It hurts", "when I walk.", "Dr. Zhao knows."]


def test_somebody_who_never_pauses_is_cut_into_lines_that_can_be_clicked() -> None:
    said = " ".join(f"pill{number}" for number in range(180))
    lines = of_one(words(said)).lines
    assert len(lines) > 2
    assert max(line.words[-1].end - line.start for line in lines) <= dialogue.LONGEST_LINE + 0.3
    assert " ".join(line.text for line in lines) == said


def test_chinese_comes_out_simplified_with_a_time_for_every_character() -> None:
    said = of_one(words("頭髮乾了以後發現血壓還是偏高")).lines[0]
    assert said.text == "头发干了以后发现血压还是偏高"
    assert len(said.words) == 14
    assert said.words[1].text == "发"


@pytest.mark.parametrize(
    "credit",
    [
        "Thanks for watching!",
        "Thank you for watching.",
        "Subtitles by the Amara.org community",
        "請不吝點讚 訂閱 轉發 打賞支持明鏡與點點欄目",
        "字幕由志愿者提供",
        "谢谢大家观看",
    ],
)
def test_subtitle_credits_that_nobody_said_are_left_out_and_reported(credit: str) -> None:
    said = of_one([Word(credit, 0, 2, 0.4)])
    assert said.lines == []
    assert said.invented


@pytest.mark.parametrize(
    "said", ["Thank you.", "Thanks for calling.", "谢谢。", "我看了字幕。", "Thank you for watching over her."]
)
def test_what_people_do_say_stays(said: str) -> None:
    assert [line.text for line in of_one([Word(said, 0, 2, 0.9)]).lines] == [said]


def test_a_loop_is_cut_and_reported() -> None:
    said = of_one(words("I feel dizzy " + "and then and then " * 20 + "goodbye"))
    assert said.looped
    assert " ".join(line.text for line in said.lines) == "I feel dizzy and then and then goodbye"


def test_people_may_say_no_four_times() -> None:
    assert guards.without_loops(words("no no no no not that")) == (words("no no no no not that"), False)
    assert guards.without_loops(words("对对对对是的"))[1] is False


def test_speech_that_no_word_reaches_is_a_gap() -> None:
    heard = [Span(0, 4), Span(10, 18)]
    assert speech.uncovered(heard, words("one two three four five six seven eight nine ten eleven twelve", 0)) == [Span(10, 18)]
    assert speech.uncovered(heard, [Word("a", 0, 4, 1), Word("b", 10, 12, 1), Word("c", 16, 18, 1)]) == [Span(12.5, 15.5)]
    assert speech.uncovered(heard, [Word("a", 0, 4, 1), Word("b", 10, 18, 1)]) == []


def test_silence_counted_to_a_word_is_taken_off() -> None:
    assert speech.trimmed([Word("late", 4.0, 9.9, 1)], [Span(0, 3), Span(9.5, 12)]) == [Word("late", 9.5, 9.9, 1)]
    assert speech.trimmed([Word("nowhere", 4.0, 5.0, 1)], [Span(9.5, 12)]) == [Word("nowhere", 4.0, 5.0, 1)]


def test_a_word_across_a_cut_goes_where_its_sound_is() -> None:
    clips = [(5.0, 9.0), (19.0, 23.0)]
    assert placed(Word("一", 8.25, 9.5, 1), clips) == Word("一", 19.0, 19.5, 1)
    assert placed(Word("况", 8.3, 9.1, 1), clips) == Word("况", 8.3, 9.0, 1)
    assert placed(Word("中", 22.5, 23.4, 1), clips) == Word("中", 22.5, 23.0, 1)
    assert placed(Word("和", 6.0, 6.4, 1), clips) == Word("和", 6.0, 6.4, 1)
