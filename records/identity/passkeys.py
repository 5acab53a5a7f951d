"""Passkeys (WebAuthn level 2) as second factors. Challenges live in the session and are taken once; origins must match exactly."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from records.errors import ErrorKind, Refused
from records.identity.factors import Kind, add, opened, tell
from records.identity.models import Factor

if TYPE_CHECKING:
    from django.http import HttpRequest

    from records.people import Person

REFUSED: Final = ErrorKind(
    "factor.passkey", 422, "通行密钥没有通过验证，请再试一次。", "The passkey was not accepted. Please try again.", retry=True
)
COPIED: Final = ErrorKind(
    "factor.passkey_copied",
    403,
    "这把通行密钥可能被复制，已拒绝。请改用其他方式登录，移除它，并告知信息科。",
    "This passkey may have been copied and was refused. Sign in another way, remove it, and tell your IT department.",
)
CHALLENGE_SECONDS: Final = 300
_STATE: Final = "passkey"


def _server(request: HttpRequest) -> Fido2Server:
    """For the one host that passkeys belong to: the first of the configured origins, else the one that was asked."""
    own = f"{request.scheme}://{request.get_host()}"
    origins = settings.XINQIAO_ORIGINS or [own]
    host = urlsplit(origins[0]).hostname or "localhost"
    relying = PublicKeyCredentialRpEntity(id=host, name=settings.XINQIAO_HOSPITAL_ZH)
    return Fido2Server(relying, verify_origin=lambda origin: origin in origins)


def begin_adding(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What the browser needs to make a passkey: PublicKeyCredentialCreationOptions as JSON."""
    user = PublicKeyCredentialUserEntity(id=person.id.bytes, name=person.login, display_name=person.name)
    options, state = _server(request).register_begin(
        user,
        _credentials(person),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _remember(request, state, options)


@transaction.atomic
def finish_adding(request: HttpRequest, person: Person, name: str, answer: dict[str, Any]) -> None:
    """Keep the passkey that the browser made. Raises Refused(REFUSED)."""
    try:
        made = _server(request).register_complete(_recall(request), answer)
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(REFUSED) from error
    if made.credential_data is None:
        raise Refused(REFUSED)
    add(person, Kind.PASSKEY, websafe_encode(bytes(made.credential_data)), name=name, counter=made.counter)


def begin_showing(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What the browser needs to ask for one of this person's passkeys: PublicKeyCredentialRequestOptions as JSON."""
    options, state = _server(request).authenticate_begin(
        _credentials(person), user_verification=UserVerificationRequirement.PREFERRED
    )
    return _remember(request, state, options)


def show(request: HttpRequest, person: Person, answer: dict[str, Any]) -> str:
    """Take what a passkey signed. Returns the factor's kind. Raises Refused: REFUSED, COPIED."""
    known = {factor: _credential(factor) for factor in _rows(person)}
    try:
        used = _server(request).authenticate_complete(_recall(request), list(known.values()), answer)
        counter = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(REFUSED) from error
    factor = next(one for one, credential in known.items() if credential.credential_id == used.credential_id)
    if not _counts_on(factor, counter):
        raise Refused(COPIED)
    return str(Kind.PASSKEY)


@transaction.atomic
def _counts_on(factor: Factor, counter: int) -> bool:
    """Whether the authenticator's signature counter went on from what was last seen (WebAuthn level 2, section 7.2, step 21); 0 from first
    to last: it does not count. Keeps it, or tells the ledger of a copy."""
    locked = Factor.objects.select_for_update().get(id=factor.id)
    if (counter or locked.counter) and counter <= locked.counter:
        tell("factor.copied", locked.person, locked)
        return False
    Factor.objects.filter(id=factor.id).update(used_at=timezone.now(), counter=counter)
    return True


def _rows(person: Person) -> list[Factor]:
    return list(Factor.objects.filter(person=person, kind=Kind.PASSKEY))


def _credential(factor: Factor) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(opened(factor)))


def _credentials(person: Person) -> list[AttestedCredentialData]:
    return [_credential(factor) for factor in _rows(person)]


def _remember(request: HttpRequest, state: Any, options: Any) -> dict[str, Any]:
    request.session[_STATE] = {"state": state, "at": time.time()}
    return dict(dict(options)["publicKey"])


def _recall(request: HttpRequest) -> Any:
    """The challenge of this session, once. Raises KeyError when there is none, or it is old."""
    kept = request.session.pop(_STATE, None)
    if kept is None or time.time() - kept["at"] > CHALLENGE_SECONDS:
        raise KeyError(_STATE)
    return kept["state"]
