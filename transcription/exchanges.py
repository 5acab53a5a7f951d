"""Telephone exchanges (PBX) of the hospital that may hand over recordings of follow-up calls, each with a token and a secret of its own.

The token says which exchange speaks, and only its hash is kept; the secret signs every request and is sealed. Both are shown once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import models, transaction
from django.utils import timezone

from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger.system import extend_system
from records.vault import Context, Retention, data_key, open_key, seal, unseal
from records.vault.models import DataKey

if TYPE_CHECKING:
    from uuid import UUID

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
SECRET_BYTES: Final = 32
FRESH_SECONDS: Final = 300

NAME_TAKEN: Final = ErrorKind(
    "exchange.name",
    409,
    "名称只能用小写字母、数字和连字符，且不能重复。",
    "A name is lower case letters, digits and hyphens, and not used yet.",
)
UNKNOWN: Final = ErrorKind(
    "exchange.unknown", 401, "不认识这台交换机，或已停用。", "This exchange is not known, or no longer allowed."
)
UNSIGNED: Final = ErrorKind(
    "exchange.signature", 401, "签名不对，录音没有保存。", "The signature is not right; nothing was kept."
)
STALE: Final = ErrorKind(
    "exchange.stale",
    401,
    "请求的时间与服务器相差超过 5 分钟，请校准交换机的时钟。",
    "The time of the request is more than five minutes off. Please set the exchange's clock.",
)

CUT_OFF: Final = ErrorKind(
    "exchange.cut_off",
    408,
    "录音没有传完，没有保存，请重新发送。",
    "The recording did not arrive to its end; nothing was kept. Please send it again.",
    retry=True,
)


class Exchange(models.Model):
    """`secret` is sealed, `token` the SHA-256 of the token; both are empty once it is revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=40, unique=True)
    token = models.BinaryField(max_length=32)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    secret = models.BinaryField()
    added_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Credentials(NamedTuple):
    """As given to the exchange: `token` for the Authorization header, `secret` (hexadecimal) for the signature."""

    token: str
    secret: str


@transaction.atomic
def add(name: str) -> Credentials:
    """Let an exchange of this name hand over calls. Raises Refused(NAME_TAKEN)."""
    if not NAME.fullmatch(name) or Exchange.objects.filter(name=name).exists():
        raise Refused(NAME_TAKEN)
    given = Credentials(secrets.token_urlsafe(SECRET_BYTES), secrets.token_hex(SECRET_BYTES))
    exchange = Exchange(name=name, token=_hash(given.token))
    key = data_key(exchange.id, Retention.ACCESS)
    exchange.key_id, exchange.secret = key.id, seal(key, _context(exchange.id), given.secret.encode())
    exchange.save(force_insert=True)
    _tell("exchange.added", exchange)
    return given


@transaction.atomic
def revoke(name: str) -> None:
    """Hear no more from an exchange. Raises Refused(NOT_FOUND)."""
    exchange = Exchange.objects.select_for_update().filter(name=name, revoked_at=None).first()
    if exchange is None:
        raise Refused(NOT_FOUND)
    exchange.token = exchange.secret = b""
    exchange.revoked_at = timezone.now()
    exchange.save(update_fields=["token", "secret", "revoked_at"])
    _tell("exchange.revoked", exchange)


def of_token(token: str) -> Exchange:
    """Raises Refused(UNKNOWN)."""
    found = Exchange.objects.filter(token=_hash(token), revoked_at=None).first()
    if found is None:
        raise Refused(UNKNOWN)
    return found


class Signature:
    """HMAC-SHA256 over `time LF call LF` and then the body, as it arrives; `call` is the header of that name. Raises Refused(STALE).

    The head's own is over `time LF call`, so that nothing is asked of the database, nor sealed, for who has the token alone.
    """

    def __init__(self, exchange: Exchange, time: str, call: str) -> None:
        if not time.isdecimal() or abs(timezone.now().timestamp() - int(time[:12])) > FRESH_SECONDS:
            raise Refused(STALE)
        secret = unseal(open_key(exchange.key_id), _context(exchange.id), bytes(exchange.secret))
        self._head = hmac.new(bytes.fromhex(secret.decode()), f"{time}\n{call}".encode(), hashlib.sha256)
        self._mac = self._head.copy()
        self._mac.update(b"\n")

    def head_must_be(self, given: str) -> None:
        """Raises Refused(UNSIGNED)."""
        _same(self._head, given)

    def take(self, chunk: bytes) -> None:
        self._mac.update(chunk)

    def must_be(self, given: str) -> None:
        """Raises Refused(UNSIGNED)."""
        _same(self._mac, given)


def _same(mac: hmac.HMAC, given: str) -> None:
    if not hmac.compare_digest(mac.hexdigest().encode(), given.lower().encode()):
        raise Refused(UNSIGNED)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _tell(kind: str, exchange: Exchange) -> None:
    with extend_system() as tail:
        tail.add(kind, actor=None, ids={"exchange": str(exchange.id), "name": exchange.name})


def _context(exchange: UUID) -> Context:
    return Context("exchange.secret", exchange, 0, None, "", "text/plain")
