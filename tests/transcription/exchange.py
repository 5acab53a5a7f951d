"""A telephone exchange that hands calls over, by the hook."""

import base64
import hashlib
import hmac
import io
import json
import time
from typing import Any

from django.test import Client

from records.plans import FollowUp
from tests.access.sounds import sound
from transcription.exchanges import Credentials

AUDIO = sound()


def told(planned: FollowUp, **changed: Any) -> dict[str, Any]:
    call = {"call_id": "20261130-17", "follow_up": str(planned.id), "consent": "spoken", "consent_at": 4.5, **changed}
    return {name: value for name, value in call.items() if value is not None}


class BreaksOff(io.RawIOBase):
    """A body whose sender is gone after the first piece."""

    reads = 0

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        if self.reads > 1:
            raise ConnectionResetError
        return AUDIO[:1000]


def hand_over(
    given: Credentials,
    call: dict[str, Any],
    audio: bytes = AUDIO,
    *,
    at: float = 0,
    signed: bytes | None = None,
    body: io.RawIOBase | None = None,
) -> Any:
    """Post a call as the exchange does; `signed`: over which bytes, when not over those that are sent; `body`: what the server reads."""
    header = base64.b64encode(json.dumps(call).encode()).decode()
    now = str(int(time.time() + at))
    message = f"{now}\n{header}\n".encode() + (audio if signed is None else signed)
    signature = hmac.new(bytes.fromhex(given.secret), message, hashlib.sha256).hexdigest()
    headers = {"Authorization": f"Bearer {given.token}", "X-Xinqiao-Call": header, "X-Xinqiao-Time": now}
    headers["X-Xinqiao-Signature"] = signature
    headers["X-Xinqiao-Head"] = head_of(given, now, header)
    environ: dict[str, Any] = {} if body is None else {"wsgi.input": body}
    return Client().post("/api/exchange/calls", audio, content_type="application/octet-stream", headers=headers, **environ)


def head_of(given: Credentials, now: str, header: str) -> str:
    return hmac.new(bytes.fromhex(given.secret), f"{now}\n{header}".encode(), hashlib.sha256).hexdigest()
