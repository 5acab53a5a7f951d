"""The HTTP hook of a telephone exchange: one request, one recorded call, as often as the exchange likes."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, UnreadablePostError
from ninja import Router
from ninja.responses import Status
from ninja.security import HttpBearer

from records.api.auth import OPEN, acts
from records.errors import BAD_INPUT, Refused
from transcription import exchanges
from transcription.briefs import RecordingPage, recording_page
from transcription.exchanges import CUT_OFF, UNKNOWN, Exchange, Signature
from transcription.importing import ImportReceiver, described
from transcription.uploads import reader, underway

if TYPE_CHECKING:
    from transcription.models import Recording

CHUNK_BYTES: Final = 65_536
CALL: Final = "X-Xinqiao-Call"
TIME: Final = "X-Xinqiao-Time"
HEAD: Final = "X-Xinqiao-Head"
SIGNATURE: Final = "X-Xinqiao-Signature"


class OfExchange(HttpBearer):
    """The exchange of the token. Raises Refused(UNKNOWN)."""

    def __call__(self, request: HttpRequest) -> Exchange:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.openapi_scheme or not token:
            raise Refused(UNKNOWN)
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Exchange:
        return exchanges.of_token(token)


class ExchangeRequest(HttpRequest):
    """A request that `OfExchange` let through."""

    auth: Exchange


router = Router(tags=["exchanges"], auth=OfExchange())


@router.post("/exchange/calls", response={200: RecordingPage, 201: RecordingPage})
@acts(OPEN)
def hand_over(request: ExchangeRequest) -> Status[dict[str, Any]]:
    """Keep a call that an exchange recorded. The body is the audio file; X-Xinqiao-Call describes it (base64 of JSON), X-Xinqiao-Time is in
    Unix seconds, X-Xinqiao-Head the HMAC-SHA256 (hexadecimal) over `time LF call`, X-Xinqiao-Signature that over `time LF call LF body`.
    201 when it is new, 200 when it is not."""
    told = request.headers.get(CALL, "")
    signature = Signature(request.auth, request.headers.get(TIME, ""), told)
    signature.head_must_be(request.headers.get(HEAD, ""))
    with underway.one(request.auth.id):
        receiver = ImportReceiver(request.auth, described(_decoded(told)))
        try:
            recording = _received(request, receiver, signature)
        finally:
            receiver.discard()
    return Status(201 if receiver.kept else 200, recording_page(recording))


def _received(request: HttpRequest, receiver: ImportReceiver, signature: Signature) -> Recording:
    read = reader(request)
    try:
        while chunk := read(CHUNK_BYTES):
            signature.take(chunk)
            receiver.write(chunk)
    except UnreadablePostError as error:
        raise Refused(CUT_OFF) from error
    signature.must_be(request.headers.get(SIGNATURE, ""))
    return receiver.finish(receiver.act, receiver.client_id)


def _decoded(told: str) -> bytes:
    try:
        return base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(BAD_INPUT, {"call": {"zh": f"请求头 {CALL} 不是 base64。", "en": f"{CALL} is not base64."}}) from error
