"""Second factors of staff: what a sign-in asks for, what is taken, what is refused, and what stays in the ledger."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings
from pytest_django import Settings

from consult import callers
from records import demo, sessions
from records.identity import factors
from records.identity.models import Factor
from records.ledger.models import Leaf
from records.ledger.system import SYSTEM_CHAIN
from records.vault import SealBroken
from tests.cast import APPS, Browser, code_now, code_of, id_of, who

Open = Callable[[str], Browser]


@pytest.fixture
def required(cast: None, settings: Settings) -> None:
    """As a hospital runs: staff need a second factor."""
    settings.XINQIAO_STAFF_FACTOR = "required"


def password(browser: Browser, login: str) -> Any:
    return browser.post("/api/session", {"login": login, "password": demo.PASSWORD})


def show(browser: Browser, code: str) -> Any:
    return browser.post("/api/session/factor", {"code": code})


def with_app(login: str) -> Browser:
    """Somebody who has set up an app at the first sign-in, and is signed in."""
    browser = Browser()
    assert password(browser, login).json()["step"] == "set_up"
    browser.set_up_app(login)
    return browser


def age(browser: Browser, seconds: int, name: str = "shown_at") -> None:
    """Let a session be older than it is."""
    store = SessionStore(browser.client.cookies["xinqiao_session"].value)
    store["identity"] = {**store["identity"], name: store["identity"][name] - seconds}
    store.save()


def leaves(kind: str) -> list[dict[str, str]]:
    return [msgspec.json.decode(bytes(leaf.data))["ids"] for leaf in Leaf.objects.filter(chain_id=SYSTEM_CHAIN, kind=kind)]


def test_dr_zhao_sets_up_an_app_before_anything_else(required: None) -> None:
    browser = Browser()
    answer = password(browser, "D1001")
    assert (answer.status_code, answer.json()) == (202, {"step": "set_up", "methods": []})
    assert browser.get("/api/session").status_code == 401
    assert browser.get("/api/queue").status_code == 401
    assert browser.get("/api/me/factors").status_code == 401
    app = browser.set_up_app("D1001")
    assert len(set(app.recovery_codes)) == 10
    assert browser.get("/api/session").json()["person"]["name"] == "赵文博"
    assert [factor["kind"] for factor in browser.get("/api/me/factors").json()] == ["totp", "recovery"]
    assert leaves("session.started") == [{"method": "password", "factor_kind": "totp"}]


def test_from_then_on_the_password_alone_is_half_a_sign_in(required: None) -> None:
    with_app("D1001")
    app, browser = APPS["D1001"], Browser()
    answer = password(browser, "D1001")
    assert (answer.status_code, answer.json()) == (202, {"step": "show", "methods": ["recovery", "totp"]})
    for path in ("/api/session", "/api/queue", "/api/me/factors", "/api/drafts"):
        assert browser.get(path).status_code == 401, path
    assert callers.of_session(browser.client.cookies["xinqiao_session"].value) is None, "nor is there a socket"
    assert code_of(browser.post("/api/me/factors/totp")) == "signed_out", "half a sign-in cannot replace the factor"
    half = browser.client.cookies["xinqiao_session"].value
    assert show(browser, code_now(app.secret, 1)).json()["person"]["name"] == "赵文博"
    assert browser.client.cookies["xinqiao_session"].value != half
    person = callers.of_session(browser.client.cookies["xinqiao_session"].value)
    assert person is not None
    assert person.id == id_of("zhao")


def test_patients_sign_in_with_their_password_alone(required: None) -> None:
    browser = Browser()
    assert browser.sign_in("13800000071").status_code == 200
    assert browser.get("/api/me/factors").status_code == 404
    assert browser.post("/api/me/factors/totp").status_code == 404


def test_a_code_opens_once_even_while_it_is_shown(required: None) -> None:
    with_app("D1001")
    code = code_now(APPS["D1001"].secret, 1)
    first, second = Browser(), Browser()
    password(first, "D1001")
    password(second, "D1001")
    assert show(first, code).status_code == 200
    assert code_of(show(second, code)) == "factor.wrong"


def test_a_recovery_code_opens_once(required: None) -> None:
    with_app("D1001")
    code = APPS["D1001"].recovery_codes[3]
    browsers = [Browser(), Browser()]
    for browser in browsers:
        password(browser, "D1001")
    assert show(browsers[0], code.upper().replace("-", " ")).status_code == 200, "typed as people type"
    assert code_of(show(browsers[1], code)) == "factor.wrong"
    left = [factor["left"] for factor in browsers[0].get("/api/me/factors").json() if factor["kind"] == "recovery"]
    assert left == [9]


def test_after_five_wrong_codes_even_the_right_one_has_to_wait(required: None) -> None:
    with_app("D1001")
    browser = Browser()
    password(browser, "D1001")
    assert [code_of(show(browser, "000000")) for _ in range(6)] == ["factor.wrong"] * 5 + ["too_many"]
    another = Browser()
    password(another, "D1001")
    assert code_of(show(another, code_now(APPS["D1001"].secret, 1))) == "too_many", "counted by person, not by browser"


def test_half_a_sign_in_lasts_five_minutes(required: None) -> None:
    with_app("D1001")
    browser = Browser()
    password(browser, "D1001")
    store = SessionStore(browser.client.cookies["xinqiao_session"].value)
    store["pending"] = {**store["pending"], "at": store["pending"]["at"] - 301}
    store.save()
    assert code_of(show(browser, code_now(APPS["D1001"].secret, 1))) == "signed_out"


def test_half_a_sign_in_ends_with_the_password_it_began_with(required: None) -> None:
    with_app("D1001")
    browser = Browser()
    password(browser, "D1001")
    zhao = who("zhao")
    zhao.set_password("another long passphrase")
    zhao.save()
    assert code_of(show(browser, code_now(APPS["D1001"].secret, 1))) == "signed_out"


def test_a_code_without_a_password_is_nothing(required: None) -> None:
    with_app("D1001")
    assert code_of(show(Browser(), code_now(APPS["D1001"].secret, 1))) == "signed_out"


def test_a_session_from_before_factors_were_required_is_not_accepted(cast: None, settings: Settings) -> None:
    browser = Browser()
    assert browser.sign_in("D1001").status_code == 200
    key = browser.client.cookies["xinqiao_session"].value
    assert callers.of_session(key) is not None
    settings.XINQIAO_STAFF_FACTOR = "required"
    assert browser.get("/api/session").status_code == 401
    assert browser.get("/api/queue").status_code == 401
    assert callers.of_session(key) is None


def test_the_secret_is_sealed_and_belongs_to_its_owner(required: None) -> None:
    with_app("D1001")
    with_app("N1001")
    zhao, sun = (Factor.objects.get(person_id=id_of(key), kind="totp") for key in ("zhao", "sun"))
    assert factors.opened(zhao) == APPS["D1001"].secret
    assert APPS["D1001"].secret.encode() not in bytes(zhao.secret)
    sun.secret, sun.key_id = zhao.secret, zhao.key_id
    with pytest.raises(SealBroken):
        factors.opened(sun)


def test_somebody_elses_password_does_not_make_their_app_mine(required: None) -> None:
    with_app("N1001")
    browser = with_app("D1001")
    password(browser, "N1001")
    assert code_of(show(browser, code_now(APPS["D1001"].secret, 1))) == "factor.wrong"
    assert browser.get("/api/session").status_code == 401, "and Dr Zhao's session here is over"


def test_ten_minutes_after_the_factor_an_approval_asks_for_it_again(browser_of: Open) -> None:
    he = browser_of("he")
    assert he.get("/api/session/fresh").status_code == 204
    age(he, 601)
    answer = he.get("/api/session/fresh")
    assert (answer.status_code, code_of(answer)) == (403, "factor.stale")
    assert he.get("/api/session").status_code == 200, "everything else goes on"
    assert show(he, code_now(APPS["C1002"].secret, 1)).status_code == 200
    assert he.get("/api/session/fresh").status_code == 204
    assert leaves("session.confirmed")[-1] == {"factor_kind": "totp"}


def test_without_any_factor_nothing_is_ever_fresh(cast: None) -> None:
    browser = Browser()
    assert browser.sign_in("C1002").status_code == 200
    assert code_of(browser.get("/api/session/fresh")) == "factor.stale"
    assert browser.get("/api/session/factor").json() == {"methods": []}


def test_a_stolen_session_does_not_get_a_factor_of_its_own(cast: None) -> None:
    browser = Browser()
    browser.sign_in("D1001")
    age(browser, 601, "began_at")
    assert code_of(browser.post("/api/me/factors/totp")) == "factor.sign_in_again"
    another = Browser()
    another.sign_in("D1002")
    another.set_up_app("D1002")
    age(another, 601)
    assert code_of(another.post("/api/me/factors/totp")) == "factor.stale"
    assert code_of(another.post("/api/me/factors/passkey")) == "factor.stale"


def test_the_last_factor_stays_where_factors_are_required(required: None) -> None:
    browser = with_app("D1001")
    row = next(factor for factor in browser.get("/api/me/factors").json() if factor["kind"] == "totp")
    path = f"/api/me/factors/{row['id']}"
    assert code_of(browser.send("delete", path)) == "factor.last"
    with override_settings(XINQIAO_STAFF_FACTOR="optional"):
        assert browser.send("delete", path).status_code == 204
    assert browser.get("/api/me/factors").json() == [], "recovery codes go with what they were for"
    assert leaves("factor.removed")[-1]["factor_kind"] == "totp"


def test_a_changed_factor_ends_every_other_session(required: None) -> None:
    here = with_app("D1001")
    elsewhere = Browser()
    elsewhere.sign_in("D1001")
    assert elsewhere.get("/api/session").status_code == 200
    assert here.post("/api/me/factors/recovery").status_code == 200
    assert elsewhere.get("/api/session").status_code == 401
    assert here.get("/api/session").status_code == 200


def test_new_recovery_codes_replace_the_old(required: None) -> None:
    browser = with_app("D1001")
    old = APPS["D1001"].recovery_codes[0]
    new = browser.post("/api/me/factors/recovery").json()["codes"]
    assert len(new) == 10
    other = Browser()
    password(other, "D1001")
    assert code_of(show(other, old)) == "factor.wrong"
    assert show(other, new[0]).status_code == 200


def test_the_qr_code_is_one_path_of_squares_and_says_what_the_address_says(cast: None, browser_of: Open) -> None:
    made = browser_of("zhao").post("/api/me/factors/totp").json()
    assert made["secret"] in made["address"]
    assert made["path"].startswith("M4,4h1v1h-1z"), "four quiet modules, then the corner of the first finder"
    assert made["path"].count("M") > made["size"]


def test_the_demos_sign_in_counts_as_a_factor(cast: None, demo_on: None) -> None:
    browser = Browser()
    assert browser.post("/api/demo/session", {"person": str(id_of("he"))}).status_code == 200
    assert browser.get("/api/session/fresh").status_code == 204
    age(browser, 601)
    assert code_of(browser.get("/api/session/fresh")) == "factor.stale"


def test_an_operator_helps_whoever_lost_everything(required: None) -> None:
    browser = with_app("D1001")
    zhao = who("zhao")
    factors.forget_all(zhao)
    sessions.end_elsewhere(zhao)
    assert browser.get("/api/session").status_code == 401
    assert password(Browser(), "D1001").json()["step"] == "set_up"


def test_a_sign_in_begun_before_the_first_factor_adds_none_after_it(required: None) -> None:
    stranger = Browser()
    assert password(stranger, "D1001").json()["step"] == "set_up"
    secret = stranger.post("/api/me/factors/totp").json()["secret"]
    with_app("D1001")
    late = stranger.send("put", "/api/me/factors/totp", {"code": code_now(secret)})
    assert code_of(late) == "factor.sign_in_again"
    for kind in ("totp", "passkey"):
        assert code_of(stranger.post(f"/api/me/factors/{kind}")) == "factor.sign_in_again"
    assert len(leaves("factor.added")) == 2, "her app and her recovery codes"
    assert stranger.get("/api/session").status_code == 401
