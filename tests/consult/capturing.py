"""A call of Wang and Dr Zhao that is recorded, through the real actions, and the pieces that their devices send."""

import base64
import hashlib
from typing import Any
from uuid import UUID, uuid4

from consult.calls import acts, capturing, consent
from consult.models import Consultation
from consult.protocol import calls
from tests.cast import Browser, client_id, who
from transcription.models import Capture
from transcription.tracks import captures, settling

TUS = {"Tus-Resumable": "1.0.0"}
SHEET = "1"
LATER = {"Upload-Defer-Length": "1"}


def talking(case: Consultation) -> UUID:
    """A call that Dr Zhao makes and Wang answers."""
    call = acts.invite(who("zhao"), calls.CallInvite("1", case.id, client_id(), "zhaos-desk", ["audio"]), "line-z")
    acts.accept(who("wang"), calls.CallAccept("2", call, "wangs-phone", ["audio"]), "line-w")
    return call


def asked(call: UUID) -> None:
    consent.request(who("zhao"), calls.RecordingRequest("3", call, client_id(), SHEET), "line-z")


def answered(call: UUID, *, granted: bool) -> None:
    consent.answer(who("wang"), calls.RecordingConsent("4", call, client_id(), granted, SHEET), "line-w")


def recorded(case: Consultation) -> UUID:
    """A call that everybody lets record."""
    call = talking(case)
    asked(call)
    answered(call, granted=True)
    return call


def hung_up(call: UUID) -> None:
    acts.hang_up(who("wang"), calls.CallHangup("5", call))


def metadata(**said: object) -> str:
    return ",".join(f"{name} {base64.b64encode(str(value).encode()).decode()}" for name, value in said.items())


def begin(browser: Browser, call: UUID, age_ms: int = 0, headers: dict[str, str] = LATER, **said: object) -> Any:
    """`headers`: how long it will be, if that is known."""
    named = metadata(**{"client_id": client_id(), "generation": 1, "age_ms": age_ms, **said})
    return tus(browser, "post", f"/api/calls/{call}/tracks", b"", **{"Upload-Metadata": named, **headers})


def tus(browser: Browser, method: str, path: str, data: bytes = b"", **headers: str) -> Any:
    sent = {**TUS, "X-CSRFToken": browser.client.cookies["xinqiao_csrf"].value, **headers}
    body = {"data": data, "content_type": "application/offset+octet-stream"} if method in {"post", "patch"} else {}
    return getattr(browser.client, method)(path, headers=sent, **body)


def piece(browser: Browser, path: str, offset: int, data: bytes, **headers: str) -> Any:
    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return tus(
        browser, "patch", path, data, **{"Upload-Offset": str(offset), "Upload-Checksum": f"sha256 {checksum}", **headers}
    )


def settle() -> Capture:
    """What beat and the worker do, here and now."""
    capturing.sweep()
    captures.sweep()
    holder, capture = uuid4(), Capture.objects.get(state=Capture.State.JOINING)
    assert captures.claim(capture.id, holder)
    settling.settle(capture, holder)
    capture.refresh_from_db()
    return capture
