"""Passkeys against a software authenticator: real keys, real signatures, and what is refused."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from pytest_django import Settings

from records.ledger.models import Leaf
from tests.cast import Browser, code_of

Open = Callable[[str], Browser]
HERE = "http://localhost"
SEEN = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


@dataclass
class Token:
    """An authenticator with one key (WebAuthn level 2, section 6)."""

    origin: str = HERE
    host: str = "localhost"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"the one key of this token"
    count: int = 0  # of what it signed; an authenticator that does not count says 0 always

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        point = self.key.public_key().public_numbers()
        public = ES256({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})  # RFC 9053
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = AuthenticatorData.create(self._host(), SEEN | AuthenticatorData.FLAG.AT, self.count, bytes(credential))
        made = AttestationObject.create("none", data, {})
        return self._answer("webauthn.create", options, attestationObject=bytes(made))

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        data = bytes(AuthenticatorData.create(self._host(), SEEN, self.count))
        signed = data + hashlib.sha256(self._client("webauthn.get", options)).digest()
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        return self._answer("webauthn.get", options, authenticatorData=data, signature=signature)

    def _host(self) -> bytes:
        return hashlib.sha256(self.host.encode()).digest()

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _answer(self, kind: str, options: dict[str, Any], **parts: bytes) -> dict[str, Any]:
        sent = {"clientDataJSON": self._client(kind, options), **parts}
        response = {name: websafe_encode(value) for name, value in sent.items()}
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def add(browser: Browser, token: Token) -> Any:
    options = browser.post("/api/me/factors/passkey").json()["options"]
    return browser.send("put", "/api/me/factors/passkey", {"name": "ward", "passkey": token.make(options)})


def challenge(browser: Browser) -> Any:
    return browser.post("/api/session/factor/passkey").json()["options"]


def show(browser: Browser, answer: dict[str, Any]) -> Any:
    return browser.post("/api/session/factor", {"passkey": answer})


@pytest.fixture
def token(browser_of: Open) -> Token:
    """Dr Zhao's, which she has added."""
    made = Token()
    assert add(browser_of("zhao"), made).status_code == 200
    return made


@pytest.fixture
def half(token: Token) -> Browser:
    """Dr Zhao after her password."""
    browser = Browser()
    answer = browser.sign_in("D1001")
    assert answer.json() == {"step": "show", "methods": ["passkey", "recovery"]}
    return browser


def test_a_passkey_finishes_a_sign_in(half: Browser, token: Token) -> None:
    assert show(half, token.show(challenge(half))).json()["person"]["name"] == "赵文博"
    assert half.get("/api/session/fresh").status_code == 204


def test_what_was_signed_opens_once(half: Browser, token: Token) -> None:
    signed = token.show(challenge(half))
    assert show(half, signed).status_code == 200
    assert code_of(show(half, signed)) == "factor.passkey"


def test_a_challenge_of_another_browser_is_not_taken(half: Browser, token: Token) -> None:
    other = Browser()
    other.sign_in("D1001")
    signed = token.show(challenge(other))
    challenge(half)
    assert code_of(show(half, signed)) == "factor.passkey"


@pytest.mark.parametrize(
    "origin", ["http://localhost.evil.example", "https://evil.example", "http://localhost:8001", "https://localhost", "null"]
)
def test_another_origin_is_refused_when_it_is_made_and_when_it_is_shown(
    half: Browser, token: Token, origin: str, browser_of: Open
) -> None:
    token.origin = origin
    assert code_of(show(half, token.show(challenge(half)))) == "factor.passkey"
    assert code_of(add(browser_of("qian"), Token(origin=origin))) == "factor.passkey"


def test_a_copy_that_counts_on_from_an_older_state_is_refused_and_told(browser_of: Open) -> None:
    token = Token(count=5)
    assert add(browser_of("zhao"), token).status_code == 200

    def shown(count: int) -> Any:
        browser = Browser()
        browser.sign_in("D1001")
        token.count = count
        return show(browser, token.show(challenge(browser)))

    assert shown(9).status_code == 200
    for count in (9, 7, 0):
        assert code_of(shown(count)) == "factor.passkey_copied"
    assert shown(10).status_code == 200
    assert Leaf.objects.filter(kind="factor.copied").count() == 3


def test_an_authenticator_that_does_not_count_is_taken_again(half: Browser, token: Token) -> None:
    for _ in range(2):
        assert show(half, token.show(challenge(half))).status_code == 200


def test_another_host_or_another_key_is_refused(half: Browser, token: Token) -> None:
    token.host = "evil.example"
    assert code_of(show(half, token.show(challenge(half)))) == "factor.passkey"
    assert code_of(show(half, Token().show(challenge(half)))) == "factor.passkey"


def test_the_passkey_of_somebody_else_is_not_mine(browser_of: Open, token: Token) -> None:
    assert add(browser_of("qian"), Token(id=b"another")).status_code == 200
    qian = Browser()
    qian.sign_in("D1002")
    assert code_of(show(qian, token.show(challenge(qian)))) == "factor.passkey"


def test_passkeys_belong_to_the_address_that_patients_know(browser_of: Open, settings: Settings) -> None:
    browser = browser_of("sun")
    settings.XINQIAO_ORIGINS = ["https://chat.example.org"]
    options = browser.post("/api/me/factors/passkey").json()["options"]
    assert options["rp"]["id"] == "chat.example.org"
    made = Token("https://chat.example.org", "chat.example.org").make(options)
    assert browser.send("put", "/api/me/factors/passkey", {"name": "ward", "passkey": made}).status_code == 200
