"""Single sign-on of staff with OpenID Connect: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).

It says who somebody is and makes nobody: a claim of the ID token must be the sign-in name of somebody on the staff. It stands in place of
the password; the second factor is ours as ever.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import jwt
import msgspec
import structlog
from django.conf import settings
from django.utils.crypto import constant_time_compare

from records.errors import NOT_FOUND, ErrorKind, Refused
from records.identity.fresh import is_staff
from records.ledger.outbound import Unreachable, ask
from records.people import Person

if TYPE_CHECKING:
    from django.http import HttpRequest

log = structlog.get_logger(__name__)

REFUSED: Final = ErrorKind(
    "sso.refused", 403, "统一登录没有成功，请改用密码登录。", "Single sign-on did not work. Please use your password instead."
)
ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
SECONDS: Final = 600
LEEWAY_SECONDS: Final = 30
CALLBACK: Final = "/api/session/sso/callback"
_KEY: Final = "sso"


def name() -> str:
    """What the provider is called on the sign-in page. Raises Refused(NOT_FOUND) where there is none."""
    if not settings.XINQIAO_OIDC_ISSUER:
        raise Refused(NOT_FOUND)
    return str(settings.XINQIAO_OIDC_NAME)


def begin(request: HttpRequest) -> str:
    """The provider's address to send the browser to. Raises Refused: NOT_FOUND, or REFUSED when the provider does not answer."""
    name()
    kept = {part: secrets.token_urlsafe(32) for part in ("state", "nonce", "verifier")}
    request.session[_KEY] = {**kept, "at": time.time()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "scope": "openid profile",
        "client_id": settings.XINQIAO_OIDC_CLIENT,
        "redirect_uri": _callback(request),
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{_provider()['authorization_endpoint']}?{urlencode(query)}"


def finish(request: HttpRequest, state: str, code: str) -> Person:
    """The member of the staff whom the provider vouches for. Raises Refused: NOT_FOUND, or REFUSED."""
    name()
    kept = request.session.pop(_KEY, None)
    if kept is None or time.time() - kept["at"] > SECONDS or not constant_time_compare(kept["state"], state):
        raise Refused(REFUSED)
    claims = _claims(_exchanged(request, code, kept["verifier"]))
    if not constant_time_compare(str(claims.get("nonce", "")), kept["nonce"]):
        raise Refused(REFUSED)
    person = Person.objects.filter(login=str(claims.get(settings.XINQIAO_OIDC_CLAIM, "")), is_active=True).first()
    if person is None or not is_staff(person):
        log.info("sso.nobody")
        raise Refused(REFUSED)
    return person


def _callback(request: HttpRequest) -> str:
    own = f"{request.scheme}://{request.get_host()}"
    return (settings.XINQIAO_ORIGINS or [own])[0] + CALLBACK


def _provider() -> dict[str, Any]:
    issuer = settings.XINQIAO_OIDC_ISSUER
    found = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise Refused(REFUSED)
    return found


def _exchanged(request: HttpRequest, code: str, verifier: str) -> str:
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _callback(request),
        "client_id": settings.XINQIAO_OIDC_CLIENT,
        "client_secret": settings.XINQIAO_OIDC_SECRET,
        "code_verifier": verifier,
    }
    return str(_asked(_provider()["token_endpoint"], urlencode(body).encode()).get("id_token", ""))


def _claims(token: str) -> dict[str, Any]:
    """What the ID token says, once its signature, audience, issuer and time are right."""
    try:
        keys = jwt.PyJWKSet.from_dict(_asked(_provider()["jwks_uri"]))
        return jwt.decode(
            token,
            keys[jwt.get_unverified_header(token)["kid"]],
            algorithms=ALGORITHMS,
            audience=settings.XINQIAO_OIDC_CLIENT,
            issuer=settings.XINQIAO_OIDC_ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "sub", "aud", "iss", "nonce"]},
        )
    except (jwt.PyJWTError, KeyError) as error:
        log.warning("sso.token_refused", why=type(error).__name__)
        raise Refused(REFUSED) from error


def _asked(url: str, form: bytes | None = None) -> dict[str, Any]:
    try:
        answer = ask(url, form, "application/x-www-form-urlencoded")
        found = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (Unreachable, msgspec.DecodeError) as error:
        log.warning("sso.unreachable", why=type(error).__name__)
        raise Refused(REFUSED) from error
    if answer.status != HTTPStatus.OK:
        log.warning("sso.answered", status=answer.status)
        raise Refused(REFUSED)
    return found
