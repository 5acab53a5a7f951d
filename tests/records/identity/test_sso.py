"""Single sign-on against a provider in a thread of this test: real HTTP, real keys, real signatures."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from records.people import Person
from tests.cast import Browser
from tests.records.identity.provider import CLIENT, SECRET, Provider


@pytest.fixture
def provider(cast: None, settings: Settings) -> Iterator[Provider]:
    made = Provider()
    settings.XINQIAO_OIDC_ISSUER, settings.XINQIAO_OIDC_CLIENT, settings.XINQIAO_OIDC_SECRET = made.issuer, CLIENT, SECRET
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_dr_zhao_comes_in_through_the_hospitals_own_sign_in(provider: Provider) -> None:
    browser = Browser()
    assert browser.get("/api/session/sso/name").json() == {"name": "SSO"}
    assert provider.visit(browser)["Location"] == "/"
    assert browser.get("/api/session").json()["person"]["name"] == "赵文博"


def test_it_takes_the_place_of_the_password_and_of_nothing_else(provider: Provider, settings: Settings) -> None:
    settings.XINQIAO_STAFF_FACTOR = "required"
    browser = Browser()
    assert provider.visit(browser)["Location"] == "/?step=factor"
    assert browser.get("/api/session").status_code == 401
    assert browser.get("/api/session/step").json() == {"step": "set_up", "methods": []}
    browser.set_up_app("D1001")
    assert browser.get("/api/session").json()["person"]["name"] == "赵文博"
    assert browser.get("/api/session/step").status_code == 401


@pytest.mark.parametrize("login", ["stranger", "", "13800000071"])
def test_it_makes_nobody_and_lets_no_patient_in(provider: Provider, login: str) -> None:
    provider.login, before = login, Person.objects.count()
    browser = Browser()
    assert provider.visit(browser)["Location"] == "/?sso=refused"
    assert browser.get("/api/session").status_code == 401
    assert Person.objects.count() == before


def test_a_closed_account_stays_closed(provider: Provider) -> None:
    Person.objects.filter(login="D1001").update(is_active=False)
    assert provider.visit(Browser())["Location"] == "/?sso=refused"


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "for another client": lambda claims: claims | {"aud": "another"},
    "of another issuer": lambda claims: claims | {"iss": "https://evil.example"},
    "that is over": lambda claims: claims | {"exp": int(time.time()) - 60},
    "without an end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "for another attempt": lambda claims: claims | {"nonce": "of somebody else"},
    "without a nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_token_is_not_believed(provider: Provider, change: str) -> None:
    provider.changed = CHANGES[change]
    browser = Browser()
    assert provider.visit(browser)["Location"] == "/?sso=refused"
    assert browser.get("/api/session").status_code == 401


def test_a_token_signed_with_another_key_is_not_believed(provider: Provider) -> None:
    provider.key = ec.generate_private_key(ec.SECP256R1())
    assert provider.visit(Browser())["Location"] == "/?sso=refused"


def test_a_token_signed_with_a_word_is_not_believed(provider: Provider) -> None:
    provider.algorithm = "HS256"
    assert provider.visit(Browser())["Location"] == "/?sso=refused"


def test_what_one_browser_began_no_other_ends_and_none_ends_twice(provider: Provider) -> None:
    browser = Browser()
    provider.visit(browser)
    path = f"/api/session/sso/callback?state={provider.asked['state']}&code=the%20code"
    assert browser.get(path)["Location"] == "/?sso=refused"
    assert Browser().get(path)["Location"] == "/?sso=refused"
    assert Browser().get("/api/session/sso/callback")["Location"] == "/?sso=refused"


def test_while_the_provider_is_away_the_password_is_the_way_in(provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    browser = Browser()
    assert browser.get("/api/session/sso")["Location"] == "/?sso=refused"
    assert browser.sign_in("D1001").status_code == 200


def test_without_a_provider_there_is_no_such_address(cast: None) -> None:
    for path in ("/name", "", "/callback"):
        assert Browser().get(f"/api/session/sso{path}").status_code == 404
