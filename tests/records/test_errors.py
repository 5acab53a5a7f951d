"""Every error of the REST interface has a code, both languages and the truth about retrying; none repeats what was sent."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from records import charts
from records.api.errors import OTHERWISE, SENTENCES, field_errors
from records.errors import Refused, raised
from tests.cast import Browser, client_id, code_of, id_of

Open = Callable[[str], Browser]
ENTRIES = f"/api/charts/{id_of('wang')}/entries"
MARKER = "紫色长颈鹿"


def raw(browser: Browser, body: str | bytes) -> Any:
    token = browser.client.cookies["xinqiao_csrf"].value
    return browser.client.post(ENTRIES, body, content_type="application/json", headers={"X-CSRFToken": token})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed"),
        ("[" * 10_000, 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        ("[]", 422, "bad_input"),
        ("null", 422, "bad_input"),
        ('"text"', 422, "bad_input"),
        ("", 422, "bad_input"),
        ('{"text": "\\ud800", "kind": "note", "client_id": "abcdefgh"}', 422, "bad_input"),
        ('{"text": "' + "字" * 400_000 + '"}', 413, "too_big"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code(browser_of: Open, body: str | bytes, status: int, code: str) -> None:
    answer = raw(browser_of("zhao"), body)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert answer.json()["ref"] is None


def test_a_refusal_never_repeats_what_was_sent(browser_of: Open) -> None:
    browser = browser_of("zhao")
    for body in ({"kind": MARKER}, {MARKER: 1}, {"client_id": MARKER, "kind": "note", "text": MARKER, "value": MARKER}):
        answer = browser.post(ENTRIES, body)
        assert answer.status_code == 422
        messages = [words for field in answer.json()["fields"].values() for words in field.values()]
        assert not any(MARKER in words for words in messages)


def test_an_unexpected_error_gives_a_reference_and_logs_places_without_content(
    browser_of: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*words: Any, **more: Any) -> None:
        try:
            int(MARKER)
        except ValueError as error:
            raise KeyError(MARKER) from error

    monkeypatch.setattr(charts, "add_entry", breaks)
    with caplog.at_level(logging.ERROR):
        answer = browser_of("zhao").post(ENTRIES, {"client_id": client_id(), "kind": "note", "text": MARKER})
    assert (answer.status_code, code_of(answer), answer.json()["retry"]) == (500, "internal", True)
    assert answer.json()["ref"] in caplog.text, "whoever is told the number can find the line"
    assert "KeyError at test_errors.py" in caplog.text
    assert "ValueError at test_errors.py" in caplog.text
    assert MARKER not in caplog.text
    assert MARKER not in answer.content.decode()


def test_an_exception_is_described_by_type_and_place_alone() -> None:
    with pytest.raises(ValueError, match=MARKER) as caught:
        int(MARKER)
    lines = raised(caught.value)
    assert len(lines) == 1
    assert lines[0].startswith("ValueError at test_errors.py:")
    assert MARKER not in lines[0]


def test_a_refused_act_leaves_the_transaction_usable(browser_of: Open) -> None:
    browser = browser_of("zhao")
    assert browser.post(ENTRIES, {"client_id": client_id(), "kind": "note", "text": ""}).status_code == 422
    assert browser.post(ENTRIES, {"client_id": client_id(), "kind": "note", "text": "好"}).status_code == 200


def test_every_sentence_is_in_both_languages_and_needs_only_our_own_bounds() -> None:
    bounds = dict.fromkeys(("min_length", "max_length", "ge", "le", "gt", "lt"), 3)
    for zh, en in (*SENTENCES.values(), OTHERWISE):
        assert zh.format_map(bounds).endswith("。")
        assert en.format_map(bounds).endswith(".")


def test_an_error_type_that_is_new_to_us_still_gets_a_sentence() -> None:
    fields = field_errors([{"type": "something_new", "loc": ("body", "body", "text")}])
    assert fields == {"text": {"zh": OTHERWISE[0], "en": OTHERWISE[1]}}


@pytest.mark.parametrize("path", ["/api/nothing", "/api/charts/not-an-id", "/api/consultations/not-an-id", "/api/"])
def test_an_address_that_is_not_there_answers_as_a_forbidden_one_does(browser_of: Open, path: str) -> None:
    answer = browser_of("zhao").get(path)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_refusal_says_its_kind_and_fields() -> None:
    kind = charts.ALREADY_AMENDED
    assert Refused(kind).payload() == {"code": "entry.amended", "message": {"zh": kind.zh, "en": kind.en}, "retry": False}
