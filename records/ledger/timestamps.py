"""RFC 3161 time stamps on checkpoints: when a signed tree existed, said by an authority that the hospital does not run.

What is stamped is the checkpoint's note as it is stored. A stamp counts for what its authority's certificate was at that time: one
that has expired since does not end it, one that had expired before never began it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from records.ledger import outbound
from records.ledger.chains import now_ms
from records.ledger.models import Checkpoint, Timestamp
from records.ledger.outbound import Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"
ALARM_PERIODS: Final = 3


class StampError(ValueError):
    """The stamp does not say what it is held to say; the message says why."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Where stamps come from, and the certificates (roots, or the authority's own) that they are believed under."""

    url: str
    certificates: Sequence[x509.Certificate]


@dataclass(frozen=True, slots=True)
class Stamped:
    """The newest stamp: the size it covers, and its time in ms since epoch. None: there is none yet."""

    size: int | None
    at: int | None
    late: bool


def configured() -> Authority | None:
    """XINQIAO_TSA_URL and XINQIAO_TSA_CERTIFICATE. Raises ImproperlyConfigured when they cannot be used."""
    url, file = settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE
    if not url and not file:
        return None
    if not outbound.is_address(url):
        raise ImproperlyConfigured("XINQIAO_TSA_URL must be an http or https address")
    try:
        certificates = x509.load_pem_x509_certificates(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"XINQIAO_TSA_CERTIFICATE must name a file of certificates in PEM: {error}") from None
    _client()
    return Authority(url, certificates)


def verify(response: bytes, message: bytes, certificates: Sequence[x509.Certificate], nonce: int | None = None) -> datetime:
    """Return when the authority says that `message` existed. Raises StampError unless one of the certificates vouches for it."""
    client = _client()
    builder = client.VerifierBuilder(roots=list(certificates), nonce=nonce)
    try:
        decoded = client.decode_timestamp_response(response)
        builder.build().verify_message(decoded, message)
        at: datetime = decoded.tst_info.gen_time
    except (client.VerificationError, ValueError) as error:
        raise StampError(str(error)) from None
    return at


def stamp(authority: Authority, checkpoint: Checkpoint) -> Timestamp:
    """Have a checkpoint stamped and keep the answer. Raises Unreachable, StampError."""
    client, message = _client(), checkpoint.note.encode()
    query = client.TimestampRequestBuilder(data=message, hash_algorithm=client.base.HashAlgorithm.SHA256).build()
    answer = outbound.ask(authority.url, query.as_bytes(), QUERY)
    if (answer.status, answer.kind) != (200, REPLY):
        raise Unreachable(f"the time-stamping authority answers {answer.status} {answer.kind}")
    at = verify(answer.body, message, authority.certificates, query.nonce)
    with transaction.atomic():
        return Timestamp.objects.create(checkpoint=checkpoint, at=int(at.timestamp() * 1000), response=answer.body)


def stamp_if_due() -> Timestamp | None:
    """Stamp the newest checkpoint, when an authority is configured and the last stamp is XINQIAO_TSA_MINUTES old."""
    authority = configured()
    newest, last = _newest(), newest_stamp()
    if authority is None or newest is None or (last is not None and last.checkpoint_id == newest.size):
        return None
    if last is not None and now_ms() - last.at < _period_ms():
        return None
    return stamp(authority, newest)


def of(size: int) -> Timestamp | None:
    """The stamp of the checkpoint of `size`."""
    return Timestamp.objects.filter(checkpoint_id=size).first()


def newest_stamp() -> Timestamp | None:
    return Timestamp.objects.order_by("-checkpoint_id").first()


def standing() -> Stamped | None:
    """How far the stamps reach; None where no authority is configured."""
    if not settings.XINQIAO_TSA_URL:
        return None
    last = newest_stamp()
    size, at = (last.checkpoint_id, last.at) if last else (None, None)
    waiting = Checkpoint.objects.filter(size__gt=size or 0).order_by("size").first()
    return Stamped(size, at, late=waiting is not None and now_ms() - waiting.at > ALARM_PERIODS * _period_ms())


def _newest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def _period_ms() -> int:
    return int(settings.XINQIAO_TSA_MINUTES) * 60_000


def _client() -> Any:
    """The package of the extra `timestamps`. Raises ImproperlyConfigured where it is not installed."""
    try:
        import rfc3161_client  # noqa: PLC0415 - optional
    except ImportError:
        raise ImproperlyConfigured(
            "Time stamps need rfc3161-client: uv sync --frozen --no-dev --inexact --extra timestamps"
        ) from None
    return rfc3161_client
