"""Drafts follow a person from device to device; no device overwrites what it has not seen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consult import consultations
from consult.conversation import drafts, sides
from consult.models import Draft
from consult.protocol import ConsultationReturn, SideOpen
from records.vault import SealBroken
from tests.cast import Browser, client_id, code_of, consultation, id_of, who
from tests.consult.device import Frame, browser, socket_of
from tests.deployment import Server

Open = Callable[[str], Browser]


def put(own: Browser, case: Any, text: str, version: int) -> Any:
    return own.send("put", f"/api/drafts/{case.id}", {"text": text, "version": version})


def test_what_wang_began_on_her_phone_waits_on_her_daughters_tablet(browser_of: Open) -> None:
    case, phone, tablet = consultation(), browser_of("wang"), browser_of("wang")
    kept = put(phone, case, "早上头还是晕 ", 0).json()
    assert (kept["version"], kept["text"]) == (1, "早上头还是晕 ")
    assert tablet.get(f"/api/drafts/{case.id}").json() == kept
    assert tablet.get("/api/drafts").json() == [{"consultation": str(case.id), "version": 1, "at": kept["at"]}]


def test_a_device_that_missed_the_newer_draft_is_shown_it_and_changes_nothing(browser_of: Open) -> None:
    case, phone, tablet = consultation(), browser_of("wang"), browser_of("wang")
    put(phone, case, "早上头晕", 0)
    newer = put(tablet, case, "早上头晕，吃了药", 1).json()
    refused = put(phone, case, "早上头晕，没吃药", 1)
    assert (refused.status_code, code_of(refused)) == (409, "draft.newer")
    assert refused.json()["draft"] == newer
    assert phone.get(f"/api/drafts/{case.id}").json() == newer
    assert put(phone, case, "早上头晕，没吃药", newer["version"]).json()["version"] == 3


def test_saving_the_same_words_again_after_a_lost_answer_is_no_conflict(browser_of: Open) -> None:
    case, phone = consultation(), browser_of("wang")
    assert put(phone, case, "头晕", 0).json() == put(phone, case, "头晕", 0).json()


def test_a_draft_that_was_sent_is_empty_everywhere_and_an_old_device_cannot_bring_it_back(browser_of: Open) -> None:
    case, phone, tablet = consultation(), browser_of("wang"), browser_of("wang")
    put(phone, case, "头晕", 0)
    emptied = phone.send("delete", f"/api/drafts/{case.id}?version=1").json()
    assert (emptied["text"], emptied["version"]) == ("", 2)
    assert tablet.get("/api/drafts").json() == []
    assert put(tablet, case, "头晕得厉害", 1).status_code == 409
    assert Draft.objects.count() == 1


def test_emptying_a_draft_that_grew_meanwhile_leaves_it(browser_of: Open) -> None:
    case, phone = consultation(), browser_of("wang")
    put(phone, case, "头晕", 0)
    put(phone, case, "头晕，还恶心", 1)
    assert phone.send("delete", f"/api/drafts/{case.id}?version=1").status_code == 409
    assert phone.get(f"/api/drafts/{case.id}").json()["text"] == "头晕，还恶心"


def test_each_person_has_a_draft_of_their_own(browser_of: Open) -> None:
    case, wang, zhao = consultation(), browser_of("wang"), browser_of("zhao")
    put(wang, case, "我想问", 0)
    assert zhao.get(f"/api/drafts/{case.id}").json() == {"consultation": str(case.id), "text": "", "version": 0, "at": None}


def test_who_may_not_write_there_keeps_no_draft_there(browser_of: Open) -> None:
    case, zhao = consultation(), browser_of("zhao")
    put(zhao, case, "先观察", 0)
    consultations.give_back(who("zhao"), ConsultationReturn("test", case.id, client_id(), "换班"))
    for answer in (zhao.get(f"/api/drafts/{case.id}"), put(zhao, case, "再看看", 1), put(browser_of("wu"), case, "你好", 0)):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert zhao.get("/api/drafts").json() == []


def test_lists_of_many_ask_no_more_of_the_database_than_lists_of_few(cast: None) -> None:
    asked = []
    for number in range(1, 4):
        case = consultation()
        side, _ = sides.open_beside(who("zhao"), SideOpen("r", case.id, client_id()))
        for thread in (case.id, side):
            drafts.write(who("zhao"), thread, f"草稿 {number}", 0)
        zhao = who("zhao")
        with CaptureQueriesContext(connection) as asking:
            assert len(drafts.written(zhao)) == 2 * number
            assert [row["members"][0]["name"] for row in sides.mine(zhao)] == [zhao.name] * number
        asked.append(len(asking))
    assert len(set(asked)) == 1, asked


def test_a_draft_longer_than_a_message_may_be_is_refused(browser_of: Open) -> None:
    case, phone = consultation(), browser_of("wang")
    assert put(phone, case, "晕" * 8000, 0).status_code == 200
    assert put(phone, case, "晕" * 8001, 1).status_code == 422


def test_a_draft_is_sealed_and_opens_nowhere_else(cast: None) -> None:
    case = consultation()
    drafts.write(who("wang"), case.id, "血糖 6.1", 0)
    row = Draft.objects.get()
    assert "血糖".encode() not in bytes(row.body)
    Draft.objects.update(person=id_of("zhao"))
    with pytest.raises(SealBroken):
        drafts.read(who("zhao"), case.id)


def test_nothing_typed_stands_in_clear_in_the_table(cast: None) -> None:
    drafts.write(who("wang"), consultation().id, "canary-draft", 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consult_draft")
        assert "canary-draft" not in str(cursor.fetchall())


async def test_the_other_device_hears_of_it_at_once(server: Server) -> None:
    """Wang writes on her phone; her tablet, which shows another page, is told to read the draft."""
    async with browser(server, "wang") as phone, browser(server, "wang") as page, socket_of(page) as tablet:
        async with socket_of(phone) as own:
            case = await own.open()
        answer = await phone.http.put(
            f"/api/drafts/{case}",
            json={"text": "刚才忘了说", "version": 0},
            headers={"X-CSRFToken": phone.http.cookies["xinqiao_csrf"]},
        )
        assert answer.status_code == 200, answer.text

        def told(frame: Frame) -> bool:
            return bool(frame["type"] == "draft.changed" and frame["consultation"] == case)

        assert (await tablet.until(told, "draft.changed"))["version"] == 1
        assert (await page.get(f"/api/drafts/{case}"))["text"] == "刚才忘了说"
