"""Signing in and out: what is said, what is not said, and what stays in the ledger."""

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest
from django.test import RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from records import demo, sessions
from records.ledger.models import Leaf
from records.ledger.system import SYSTEM_CHAIN
from tests.cast import Browser, code_of, id_of, who

Open = Callable[[str], Browser]


def system_leaves() -> list[tuple[str, str | None, dict[str, str]]]:
    leaves = Leaf.objects.filter(chain_id=SYSTEM_CHAIN).order_by("seq")
    said = [msgspec.json.decode(bytes(leaf.data)) for leaf in leaves]
    return [(leaf["kind"], leaf["actor"], leaf["ids"]) for leaf in said]


def test_without_a_session_the_answer_is_401_and_says_whether_there_is_a_demo(cast: None, settings: Settings) -> None:
    for demo_is_on in (False, True):
        settings.XINQIAO_DEMO = demo_is_on
        answer = Browser().get("/api/session")
        assert (answer.status_code, code_of(answer), answer.json()["demo"]) == (401, "signed_out", demo_is_on)


def test_whom_to_call_is_known_before_anybody_signs_in(db: None, settings: Settings) -> None:
    settings.XINQIAO_EMERGENCY_PHONE = "112"
    answer = Browser().get("/api/hospital")
    assert (answer.status_code, answer.json()["emergency"]) == (200, "112")


def test_dr_zhao_signs_in_with_his_staff_number(cast: None) -> None:
    browser = Browser()
    answer = browser.sign_in("D1001")
    assert answer.status_code == 200
    session = answer.json()
    assert session["person"] == {
        "id": str(id_of("zhao")),
        "name": "赵文博",
        "title": {"zh": "主治医师", "en": "Attending physician"},
        "department": {"zh": "心内科", "en": "Cardiology"},
        "role": "doctor",
    }
    assert (session["surface"], session["roles"], session["language"]) == ("doctor", ["doctor"], "zh-Hans")
    assert session["hospital"]["emergency"] == "120"
    assert browser.get("/api/session").json() == session


@pytest.mark.parametrize(
    ("key", "surface"),
    [
        ("wang", "patient"),
        ("zhao", "doctor"),
        ("sun", "doctor"),
        ("zhou", "compliance"),
        ("he", "compliance"),
        ("lin", "admin"),
    ],
)
def test_everybody_lands_on_their_own_surface(browser_of: Open, key: str, surface: str) -> None:
    assert browser_of(key).get("/api/session").json()["surface"] == surface


def test_wrong_name_wrong_password_and_closed_account_sound_the_same(cast: None) -> None:
    wu = who("wu")
    sessions.deactivate(wu)
    tries = [("D1001", "not the password"), ("nobody", demo.PASSWORD), (wu.login, demo.PASSWORD)]
    answers = [Browser().sign_in(*attempt) for attempt in tries]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.content for answer in answers}) == 1
    assert code_of(answers[0]) == "sign_in.failed"


def test_after_five_failures_even_the_right_password_has_to_wait(cast: None) -> None:
    browser = Browser()
    for _ in range(5):
        assert code_of(browser.sign_in("D1001", "not the password")) == "sign_in.failed"
    answer = browser.sign_in("D1001")
    assert (answer.status_code, code_of(answer), answer.json()["retry"]) == (429, "too_many", True)
    assert Browser().sign_in("N1001").status_code == 200, "somebody else is not held up"


def test_a_page_of_another_site_cannot_sign_anybody_in(cast: None) -> None:
    client = Browser().client
    answer = client.post("/api/session", {"login": "D1001", "password": demo.PASSWORD}, content_type="application/json")
    assert (answer.status_code, code_of(answer)) == (403, "cross_site")
    assert "xinqiao_session" not in client.cookies


def test_a_lapsed_session_answers_401_even_when_its_csrf_token_is_stale(browser_of: Open) -> None:
    browser = browser_of("zhao")
    browser.client.cookies["xinqiao_session"] = "long-gone"
    browser.client.cookies["xinqiao_csrf"] = "x" * 32
    assert browser.send("put", "/api/session/language", {"language": "en"}).status_code == 401


def test_signing_out_ends_the_session_and_tells_the_sockets(
    browser_of: Open, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[UUID, str | None]] = []
    monkeypatch.setattr(sessions, "on_revoked", [lambda person, tag: heard.append((person, tag))])
    browser = browser_of("zhao")
    key = browser.client.cookies["xinqiao_session"].value
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.send("delete", "/api/session").status_code == 204
    assert heard == [(id_of("zhao"), sessions.session_tag(key))]
    assert key not in str(heard), "the key itself would let its reader be Dr Zhao"
    assert browser.get("/api/session").status_code == 401
    browser.client.cookies["xinqiao_session"] = key
    assert browser.get("/api/session").status_code == 401, "the old cookie is worth nothing"


def test_signing_in_as_somebody_else_ends_the_first_session(
    browser_of: Open, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[UUID, str | None]] = []
    monkeypatch.setattr(sessions, "on_revoked", [lambda person, tag: heard.append((person, tag))])
    browser = browser_of("zhao")
    key = browser.client.cookies["xinqiao_session"].value
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.sign_in("N1001").status_code == 200
    assert heard == [(id_of("zhao"), sessions.session_tag(key))]
    assert browser.client.cookies["xinqiao_session"].value != key
    assert browser.get("/api/session").json()["person"]["name"] == "孙莉"


def test_closing_an_account_ends_its_sessions_and_tells_all_its_sockets(
    browser_of: Open, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[UUID, str | None]] = []
    monkeypatch.setattr(sessions, "on_revoked", [lambda person, tag: heard.append((person, tag))])
    browser = browser_of("qian")
    with django_capture_on_commit_callbacks(execute=True):
        sessions.deactivate(who("qian"), by=who("lin"))
    assert heard == [(id_of("qian"), None)]
    assert browser.get("/api/session").status_code == 401
    assert browser.get("/api/charts").status_code == 401


def test_each_sign_in_and_sign_out_is_a_leaf_of_ids_alone(browser_of: Open) -> None:
    zhao = str(id_of("zhao"))
    browser_of("zhao").send("delete", "/api/session")
    assert system_leaves() == [("session.started", zhao, {"method": "password"}), ("session.ended", zhao, {})]


def test_a_failed_sign_in_leaves_no_leaf(cast: None) -> None:
    Browser().sign_in("D1001", "not the password")
    assert system_leaves() == []


def test_without_the_demo_there_is_no_way_in_without_a_password(cast: None, settings: Settings) -> None:
    settings.XINQIAO_DEMO = False
    assert Browser().get("/api/demo/people").status_code == 404
    assert Browser().post("/api/demo/session", {"person": str(id_of("zhao"))}).status_code == 404


def test_the_demo_lists_its_cast_and_signs_in_with_one_click(cast: None, demo_on: None) -> None:
    browser = Browser()
    people = browser.get("/api/demo/people").json()
    assert [person["name"] for person in people] == [member.name for member in demo.CAST]
    assert all(person["note"]["zh"] and person["note"]["en"] for person in people)
    assert browser.post("/api/demo/session", {"person": str(id_of("wang"))}).json()["person"]["name"] == "王秀兰"
    assert system_leaves()[-1] == ("session.started", str(id_of("wang")), {"method": "demo"})


def test_the_demo_signs_in_its_cast_and_nobody_else(cast: None, demo_on: None) -> None:
    stranger = type(who("wang")).objects.create_user("13900000000", None, name="外人")
    assert Browser().post("/api/demo/session", {"person": str(stranger.id)}).status_code == 404


def test_the_language_is_kept_with_the_person_and_in_a_cookie(browser_of: Open) -> None:
    browser = browser_of("wang")
    assert browser.send("put", "/api/session/language", {"language": "en"}).status_code == 204
    assert browser.get("/api/session").json()["language"] == "en"
    assert browser.client.cookies["xinqiao_language"].value == "en"
    assert browser.send("put", "/api/session/language", {"language": "fr"}).status_code == 422


def test_allauths_own_addresses_are_not_served(cast: None) -> None:
    """They would let a stranger register, and sign in without a leaf."""
    browser = Browser()
    for path in (
        "/_allauth/browser/v1/auth/signup",
        "/_allauth/browser/v1/auth/login",
        "/accounts/signup/",
        "/accounts/login/",
    ):
        answer = browser.post(path, {"username": "stranger", "password": "a long enough passphrase"})
        assert answer.status_code in {404, 405}, path


@pytest.mark.parametrize(
    ("https", "direct", "forwarded", "counted"),
    [
        (False, "203.0.113.9", "", "203.0.113.9"),
        (False, "203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger's own header is not believed
        (True, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (True, "127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),  # what our proxy put last
        (False, "", "198.51.100.1", "198.51.100.1"),  # a UNIX socket: the peer is our proxy
        (False, "", "", "local"),
    ],
)
def test_failed_sign_ins_are_counted_by_the_address_that_our_own_side_saw(
    settings: Settings, https: bool, direct: str, forwarded: str, counted: str
) -> None:
    settings.XINQIAO_HTTPS = https
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=direct)
    assert sessions.Adapter().get_client_ip(request) == counted


def test_signing_in_over_a_unix_socket_works(cast: None) -> None:
    browser = Browser()
    browser.client.defaults["REMOTE_ADDR"] = ""
    assert browser.sign_in("D1001").status_code == 200
