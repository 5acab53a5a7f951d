"""Access grants: what a compliance officer may read, why, until when, and who agreed."""

from __future__ import annotations

import hashlib
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple
from uuid import UUID

import msgspec
import structlog
from django.db import models, transaction
from django.utils import timezone

from records.access import Relation, require
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.ledger.leaves import leaf_hash
from records.ledger.models import Chain, Leaf
from records.people import Person, Role
from records.vault import Context, data_key, open_key, seal, unseal
from records.vault.models import DataKey, Retention

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = structlog.get_logger(__name__)

CONTENT: Final = ("conversation", "recordings", "transcripts")
WHOLE: Final = "whole"
# Why a case is read, in the words that its patient sees.
PURPOSES: Final = {
    "complaint": ("投诉处理", "handling a complaint"),
    "dispute": ("医疗纠纷", "a medical dispute"),
    "judicial": ("司法调取", "a request of the court"),
    "quality": ("质量控制", "quality review"),
    "regulator": ("监管检查", "an inspection by the regulator"),
    "patient": ("患者申请", "the patient's own request"),
}
MAX_HOURS: Final = 72
LISTED: Final = 500
REQUESTED, DECIDED, REVOKED, READ = "grant.requested", "grant.decided", "grant.revoked", "grant.read"

NOT_WAITING: Final = ErrorKind("grant.decided_already", 409, "这份申请已经有了决定。", "This request was already decided.")
NOT_ACTIVE: Final = ErrorKind("grant.not_active", 409, "这份授权已经不在有效期内。", "This grant is no longer in force.")
TOO_LONG: Final = ErrorKind(
    "grant.longer_than_asked", 422, "批准的时间不能超过申请的时间。", "You cannot approve for longer than was asked."
)
ALTERED: Final = ErrorKind(
    "grant.altered",
    409,
    "这份授权与账本中的记录不一致，已停止使用。",
    "This grant does not match what the ledger recorded. It has been stopped.",
)


class AccessGrant(models.Model):
    """A request to read one consultation, and the decision on it. Its primary key is its own ledger chain."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REJECTED = "rejected"
        REVOKED = "revoked"

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="grant")
    case = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="grants")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="access_requests")
    approver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="access_decisions")
    content = models.JSONField()  # a subset of conversation, recordings, transcripts
    purpose = models.CharField(max_length=16)
    case_number = models.CharField(max_length=64, blank=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    reason = models.BinaryField()  # sealed: people write health words here
    decision = models.BinaryField(null=True)  # sealed: why it was approved or rejected
    revocation = models.BinaryField(null=True)  # sealed: why it was revoked
    hours = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Two distinct people, whatever the code above says.
            models.CheckConstraint(
                condition=models.Q(approver__isnull=True) | ~models.Q(approver=models.F("requester")),
                name="approver_is_not_requester",
            )
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.state}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    @property
    def in_force(self) -> bool:
        return self.state == self.State.APPROVED and self.expires_at is not None and timezone.now() < self.expires_at

    @property
    def shown_state(self) -> str:
        """The state as people see it: an approved grant whose time is over is `expired`."""
        return "expired" if self.state == self.State.APPROVED and not self.in_force else self.state

    def relations_of(self, person: Person) -> frozenset[Relation]:
        if person.id != self.requester_id:
            return frozenset({Relation.OTHER})
        return frozenset({Relation.REQUESTER, Relation.GRANTED} if self.in_force else {Relation.REQUESTER})


class Reading(NamedTuple):
    """One reading under a grant. `at`: ms since epoch; `what`: conversation.read, recording.played ...; `part`: of CONTENT, or WHOLE."""

    at: int
    person: UUID
    what: str
    part: str
    grant: UUID


def request(
    person: Person, case_id: UUID, *, content: Sequence[str], purpose: str, case_number: str, reason: str, hours: int
) -> AccessGrant:
    """Ask to read one consultation. Raises Refused(NOT_FOUND) when there is none."""
    require(person, "grant.request")
    if not Chain.objects.filter(id=case_id, kind=Chain.Kind.CONSULTATION).exists():
        raise Refused(NOT_FOUND)
    with transaction.atomic():
        chain = Chain.objects.create(kind=Chain.Kind.GRANT)
        grant = AccessGrant(chain=chain, case_id=case_id, requester=person, purpose=purpose, case_number=case_number)
        grant.content, grant.hours, grant.requested_at = sorted(set(content)), hours, timezone.now()
        grant.key_id = data_key(chain.id, Retention.ACCESS).id
        grant.reason = _append(grant, REQUESTED, person, "reason", reason, _terms(grant))
        grant.save(force_insert=True)
    return grant


@transaction.atomic
def decide(person: Person, grant_id: UUID, *, approve: bool, reason: str, hours: int | None = None) -> AccessGrant:
    """Approve (for at most the hours asked) or reject. Never the requester's own. Raises Refused."""
    grant = _locked(person, "grant.decide", grant_id)
    if grant.state != AccessGrant.State.WAITING:
        raise Refused(NOT_WAITING)
    asked = grant.hours
    if hours is not None and hours > asked:
        raise Refused(TOO_LONG)
    _unaltered(grant)
    now = timezone.now().replace(microsecond=0)  # as the leaf writes it
    grant.approver, grant.decided_at = person, now
    grant.state = AccessGrant.State.APPROVED if approve else AccessGrant.State.REJECTED
    grant.expires_at = now + timedelta(hours=hours or asked) if approve else None
    grant.decision = _append(grant, DECIDED, person, "decision", reason, _outcome(grant))
    grant.save(update_fields=["approver", "decided_at", "state", "expires_at", "decision"])
    return grant


@transaction.atomic
def revoke(person: Person, grant_id: UUID, *, reason: str) -> AccessGrant:
    """End a grant before its time. Raises Refused(NOT_ACTIVE) when it is not in force."""
    grant = _locked(person, "grant.revoke", grant_id)
    if not grant.in_force:
        raise Refused(NOT_ACTIVE)
    grant.state = AccessGrant.State.REVOKED
    grant.revocation = _append(grant, REVOKED, person, "revocation", reason, {})
    grant.save(update_fields=["state", "revocation"])
    return grant


def load(person: Person, action: str, grant_id: UUID) -> AccessGrant:
    """The grant for this act, or Refused(NOT_FOUND)."""
    grant = AccessGrant.objects.select_related("requester", "approver").filter(chain_id=grant_id).first()
    if grant is None:
        raise Refused(NOT_FOUND)
    require(person, action, grant)
    return grant


def listed(person: Person, *, to_approve: bool) -> models.QuerySet[AccessGrant]:
    """One's own requests, or those of others that one may decide; newest first. An inbox never holds one's own."""
    require(person, "grant.list")
    rows = AccessGrant.objects.order_by("-requested_at")
    if not to_approve:
        return rows.filter(requester=person)
    return rows.exclude(requester=person) if Role.APPROVER in person.role_set else rows.none()


def open_for_reading(
    person: Person, grant_id: UUID, part: str, what: str, ids: Mapping[str, str] | None = None, action: str = "grant.read"
) -> AccessGrant:
    """The grant, once the reading stands in its chain: call this before the first byte of content is opened.

    `part` is one of CONTENT and must be within the grant, or WHOLE: all that is within it. `what` names the act
    (conversation.read, recording.played ...). Raises Refused(NOT_FOUND) for anything but a grant of this person's that is in force
    and covers the part.
    """
    with transaction.atomic():
        grant = _locked(person, action, grant_id)
        if part != WHOLE and part not in grant.content:
            raise Refused(NOT_FOUND)
        _unaltered(grant)
        with chains.extend(grant.id) as tail:
            tail.add(READ, actor=person.id, ids={**(ids or {}), "case": str(grant.case_id), "part": part, "what": what})
    return grant


def readings(person: Person, grant_id: UUID | None = None) -> list[Reading]:
    """Readings under grants, newest first, at most LISTED: an officer's own; for an approver, everybody's."""
    require(person, "grant.list")
    seen = AccessGrant.objects.all() if Role.APPROVER in person.role_set else AccessGrant.objects.filter(requester=person)
    if grant_id is not None:
        seen = seen.filter(chain_id=grant_id)
    leaves = Leaf.objects.filter(chain__in=seen.values("chain"), kind=READ).order_by("-at", "-id")[:LISTED]
    return [reading(leaf) for leaf in leaves]


def reading(leaf: Leaf) -> Reading:
    """What a leaf of kind READ says."""
    said = msgspec.json.decode(bytes(leaf.data))
    return Reading(leaf.at, UUID(said["actor"]), said["ids"]["what"], said["ids"]["part"], leaf.chain_id)


def words(grant: AccessGrant, field: str) -> str | None:
    """One of the sealed texts: reason, decision, revocation. Raises SealBroken or KeyMissing."""
    blob = getattr(grant, field)
    return None if blob is None else unseal(open_key(grant.key_id), _context(grant, field), bytes(blob)).decode()


def _locked(person: Person, action: str, grant_id: UUID) -> AccessGrant:
    grant = AccessGrant.objects.select_for_update().filter(chain_id=grant_id).first()
    if grant is None:
        raise Refused(NOT_FOUND)
    require(person, action, grant)
    return grant


def _append(grant: AccessGrant, kind: str, person: Person, field: str, text: str, ids: dict[str, str]) -> bytes:
    """Seal a text and fix it, with what was decided, in the grant's chain. Returns the ciphertext."""
    blob = _seal(grant, field, text)
    with chains.extend(grant.id) as tail:
        tail.add(kind, actor=person.id, content=blob, ids=ids)
    return blob


def _seal(grant: AccessGrant, field: str, text: str) -> bytes:
    return seal(open_key(grant.key_id), _context(grant, field), text.encode())


def _context(grant: AccessGrant, field: str) -> Context:
    return Context(f"grant.{field}", grant.id, 0, grant.requester_id, "", "text/plain")


def _terms(grant: AccessGrant) -> dict[str, str]:
    """What the requester signs for."""
    return {
        "case": str(grant.case_id),
        "content": ",".join(grant.content),
        "hours": str(grant.hours),
        "number": grant.case_number,
        "purpose": grant.purpose,
    }


def _outcome(grant: AccessGrant) -> dict[str, str]:
    """What the approver signs for."""
    ends = grant.expires_at.astimezone(UTC).isoformat() if grant.expires_at else ""
    return {"expires_at": ends, "state": grant.state}


def _unaltered(grant: AccessGrant) -> None:
    """Compare the row with what its chain says was asked and decided. Raises Refused(ALTERED)."""
    leaves = Leaf.objects.filter(chain_id=grant.id).exclude(kind=READ).order_by("seq")
    told = [(leaf.kind, *_said(leaf)) for leaf in leaves]
    expected = [(REQUESTED, str(grant.requester_id), _digest(grant.reason), _terms(grant))]
    if grant.state == AccessGrant.State.APPROVED:
        expected.append((DECIDED, str(grant.approver_id), _digest(grant.decision), _outcome(grant)))
    if told != expected:
        log.error("grant.altered", grant=str(grant.id))
        raise Refused(ALTERED)


def _said(leaf: Leaf) -> tuple[str | None, str | None, dict[str, str]]:
    data = bytes(leaf.data)
    if leaf_hash(data) != bytes(leaf.hash):
        return None, None, {}
    said = msgspec.json.decode(data)
    return said["actor"], said["content"], said["ids"]


def _digest(blob: bytes | memoryview | None) -> str | None:
    return None if blob is None else hashlib.sha256(bytes(blob)).hexdigest()
