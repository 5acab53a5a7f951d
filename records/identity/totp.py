"""Codes of the moment: RFC 6238 over HMAC-SHA-1, six digits, thirty seconds, as every authenticator app makes them. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote, urlencode

DIGITS: Final = 6
PERIOD_SECONDS: Final = 30
DRIFT_STEPS: Final = 1  # a phone's clock may be half a minute off
SECRET_BYTES: Final = 20  # as long as the hash (RFC 4226, section 4)


def new_secret() -> str:
    """A secret as apps read it: base32, 32 letters and digits."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one time step (RFC 4226, section 5.3)."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: str, code: str, now: float, after: int) -> int | None:
    """The time step, near `now` (seconds since epoch) and later than `after`, whose code this is; None when there is none."""
    here = int(now) // PERIOD_SECONDS
    found = None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def address(secret: str, account: str, issuer: str) -> str:
    """What an app reads from the picture: otpauth://totp/…"""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{query}"
