"""Searching one's own conversations: every word, whatever its form, newest first, and never somebody else's."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from consult import consultations, timeline
from consult.conversation import messages, search, sides
from consult.protocol import (
    Attachment,
    ConsultationReturn,
    MessageCorrect,
    MessageRetract,
    Posted,
    SideInvite,
    SideOpen,
    Transcribed,
)
from records import matching
from records.matching import excerpt, matches, words_of
from records.people import Person
from tests.cast import Browser, client_id, code_of, consultation, id_of, who

pytestmark = pytest.mark.once

Open = Callable[[str], Browser]


def hits(own: Browser, query: str, **more: Any) -> list[dict[str, Any]]:
    answer = own.post("/api/search", {"query": query, **more})
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


def append(thread: Any, kind: str, sender: str | None, body: Any) -> int:
    with transaction.atomic():
        return timeline.append(thread, kind, who(sender) if sender else None, body, client_id()).seq


def test_wang_finds_what_was_said_with_her_the_newest_first(browser_of: Open) -> None:
    case = consultation(said=(("wang", "早上血糖 6.1"), ("zhao", "血糖控制得不错"), ("wang", "血压 150/90")))
    first, second = hits(browser_of("wang"), "血糖")
    assert [first["seq"], second["seq"]] == sorted([first["seq"], second["seq"]], reverse=True)
    assert (first["consultation"], first["case"], first["kind"]) == (str(case.id), str(case.id), "consultation")
    assert (first["sender"]["name"], first["excerpt"], first["marks"]) == ("赵文博", "血糖控制得不错", [[0, 2]])
    assert (second["patient"]["name"], second["department"]["name"]["zh"]) == ("王秀兰", "心内科")


@pytest.mark.parametrize("query", ["aspirin 100MG", "ＡＳＰＩＲＩＮ", "100mg", "aspirin　饭后", "饭后 Aspirin"])
def test_case_width_and_order_of_the_words_do_not_matter(browser_of: Open, query: str) -> None:
    consultation(said=(("zhao", "Aspirin 100mg，饭后吃"), ("zhao", "别的药照旧")))
    assert [hit["excerpt"] for hit in hits(browser_of("wang"), query)] == ["Aspirin 100mg，饭后吃"]


def test_every_word_must_be_there(browser_of: Open) -> None:
    consultation(said=(("wang", "头晕"), ("wang", "头晕，还恶心")))
    assert [hit["excerpt"] for hit in hits(browser_of("wang"), "头晕 恶心")] == ["头晕，还恶心"]


def test_complaints_summaries_and_names_of_files_are_found(browser_of: Open) -> None:
    case = consultation(summary="颈椎问题，建议理疗")
    other = consultation()
    file = Attachment(uuid4(), "pdf", "心电图报告.pdf", "application/pdf", 10, "0" * 64)
    append(other.id, "message.posted", "wang", Posted("", attachments=[file]))
    wang = browser_of("wang")
    assert {hit["consultation"] for hit in hits(wang, "早上头晕")} == {str(case.id), str(other.id)}
    assert [hit["consultation"] for hit in hits(wang, "理疗")] == [str(case.id)]
    assert [hit["consultation"] for hit in hits(wang, "心电图")] == [str(other.id)]


def test_the_words_of_a_voice_note_lead_to_the_note(browser_of: Open) -> None:
    case = consultation()
    note = append(case.id, "message.posted", "wang", Posted("听一下"))
    append(case.id, "voice.transcribed", None, Transcribed(note, 1, "晚上睡不着", machine=True, low=[], engine="e", model="m"))
    assert [hit["seq"] for hit in hits(browser_of("zhao"), "睡不着")] == [note]


def test_what_was_taken_back_is_never_found(browser_of: Open) -> None:
    case = consultation()
    seq = append(case.id, "message.posted", "wang", Posted("发错了，隐私内容"))
    assert hits(browser_of("wang"), "隐私内容")
    messages.retract(who("wang"), MessageRetract("test", case.id, client_id(), seq))
    for key in ("wang", "zhao"):
        assert hits(browser_of(key), "隐私内容") == []


def test_a_corrected_message_is_found_by_the_old_and_by_the_new_words_once(browser_of: Open) -> None:
    case = consultation()
    seq = append(case.id, "message.posted", "zhao", Posted("每天两片降压药"))
    messages.correct(who("zhao"), MessageCorrect("test", case.id, client_id(), seq, "每天一片降压药"))
    wang = browser_of("wang")
    for query, shown in (("两片", "每天两片降压药"), ("一片", "每天一片降压药"), ("降压药", "每天一片降压药")):
        assert [(hit["seq"], hit["excerpt"]) for hit in hits(wang, query)] == [(seq, shown)]
    messages.retract(who("zhao"), MessageRetract("test", case.id, client_id(), seq))
    assert hits(wang, "降压药") == []


def test_a_doctor_searches_those_treated_now_and_the_side_threads_they_are_in(browser_of: Open) -> None:
    case = consultation(said=(("wang", "胸口发紧"),))
    side, _ = sides.open_beside(who("zhao"), SideOpen("test", case.id, client_id()))
    append(side, "message.posted", "zhao", Posted("胸口发紧，请会诊"))
    sides.invite(who("zhao"), SideInvite("test", side, client_id(), id_of("liu")))
    zhao, liu, wang = browser_of("zhao"), browser_of("liu"), browser_of("wang")
    assert [hit["kind"] for hit in hits(zhao, "胸口发紧")] == ["side", "consultation"]
    assert [(hit["kind"], hit["case"]) for hit in hits(liu, "胸口发紧")] == [("side", str(case.id))]
    assert [hit["kind"] for hit in hits(wang, "胸口发紧")] == ["consultation"]
    consultations.give_back(who("zhao"), ConsultationReturn("test", case.id, client_id(), "换班"))
    assert hits(zhao, "胸口发紧") == []


@pytest.mark.parametrize("key", ["wu", "qian", "sun"])
def test_nobody_finds_what_others_said(browser_of: Open, key: str) -> None:
    case = consultation(said=(("wang", "胸口发紧"),))
    own = browser_of(key)
    assert hits(own, "胸口发紧") == []
    answer = own.post("/api/search", {"query": "胸口", "consultation": str(case.id)})
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_place_made_up_to_look_further_shows_nothing_of_others(browser_of: Open) -> None:
    case = consultation(said=(("wang", "胸口发紧"),))
    answer = browser_of("wu").post("/api/search", {"query": "胸口", "before": f"{10**15}-{case.id.hex}-{10**9}"})
    assert (answer.status_code, answer.json()["hits"]) == (200, [])


@pytest.mark.parametrize("query", ["a", "  ", "。"])
def test_too_little_to_look_for_is_said_so(browser_of: Open, query: str) -> None:
    answer = browser_of("wang").post("/api/search", {"query": query})
    if query == "。":  # a Chinese character is enough; this one is in nobody's words here
        assert answer.json()["hits"] == []
    else:
        assert answer.status_code == 422


def test_pages_go_on_where_the_last_one_stopped_and_show_everything_once(
    browser_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over two cases that went on at the same time."""
    cases = [consultation(), consultation(department="general", doctor=None)]
    said = [append(cases[n % 2].id, "message.posted", "wang", Posted(f"第 {n} 次头疼")) for n in range(24)]
    for limit, value in (("HITS", 5), ("EVENTS", 7), ("BYTES", 700), ("SECONDS", 0.0)):
        with monkeypatch.context() as patched:
            patched.setattr(search, limit, value)
            found, pages = all_of(browser_of("wang"), "头疼")
        assert pages > 3, limit
        assert [hit["excerpt"] for hit in found] == [f"第 {n} 次头疼" for n in range(23, -1, -1)], limit
        assert len(found) == len(said)


def all_of(own: Browser, query: str) -> tuple[list[dict[str, Any]], int]:
    found: list[dict[str, Any]] = []
    before, pages = None, 0
    while True:
        page = own.post("/api/search", {"query": query, "before": before}).json()
        found, before, pages = [*found, *page["hits"]], page["next"], pages + 1
        if before is None:
            return found, pages


def test_one_thread_alone_can_be_searched(browser_of: Open) -> None:
    one, _ = (consultation(said=(("wang", "恶心"),)) for _ in range(2))
    assert [hit["consultation"] for hit in hits(browser_of("wang"), "恶心", consultation=str(one.id))] == [str(one.id)]


def test_the_log_says_that_somebody_searched_and_not_for_what(cast: None, caplog: pytest.LogCaptureFixture) -> None:
    consultation(said=(("wang", "canary-spoken"),))
    with caplog.at_level(logging.INFO):
        assert search.search(who("wang"), "canary-spoken").hits
    assert "search.page" in caplog.text
    assert "canary" not in caplog.text


def test_one_person_keeps_at_most_three_searches_going(browser_of: Open) -> None:
    wang, mine = browser_of("wang"), id_of("wang")
    for _ in range(search.searching.most):
        search.searching.begin(mine)
    answer = wang.post("/api/search", {"query": "头晕"})
    assert (answer.status_code, code_of(answer), answer.json()["retry_after"]) == (429, "too_many", 2.0)
    assert browser_of("li").post("/api/search", {"query": "头晕"}).status_code == 200
    for _ in range(search.searching.most):
        search.searching.end(mine)
    assert wang.post("/api/search", {"query": "头晕"}).status_code == 200
    assert len(search.searching) == 0, "nobody is remembered"


def test_a_person_of_no_conversation_finds_nothing(cast: None) -> None:
    lone = Person.objects.create(login="13900000000", name="新来的")
    lone.roles.create(role="patient")
    assert search.search(lone, "头晕").hits == []


def test_marks_count_as_javascript_does_and_cover_accents() -> None:
    shown = excerpt("😀 Cafe\u0301 血糖", words_of("café 血糖"))
    units = shown.text.encode("utf-16-le")
    assert [units[2 * a : 2 * b].decode("utf-16-le") for a, b in shown.marks] == ["Cafe\u0301", "血糖"]


def test_an_excerpt_of_a_long_text_shows_where_it_matched() -> None:
    shown = excerpt("很长的话。" * 100 + "血糖\n高" + "还有很多。" * 100, words_of("血糖"))
    assert shown.text.startswith(matching.CUT)
    assert shown.text.endswith(matching.CUT)
    assert len(shown.text) <= matching.EXCERPT_CHARS + 2
    assert [shown.text[a:b] for a, b in shown.marks] == ["血糖"]
    assert "\n" not in shown.text


def test_words_that_fold_alike_match() -> None:
    assert matches("Straße １２３ ﬁèvre", words_of("STRASSE 123 fièvre"))
    assert not matches("血压", words_of("血糖"))
