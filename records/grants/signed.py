"""What people sign for: each act of a grant is a leaf of its chain, and a row that says anything else opens nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING

import msgspec
import structlog
from django.db.models import Q

from records.access import require
from records.errors import NOT_FOUND, Refused
from records.grants.models import AccessGrant, GrantNote, ReadingNote
from records.grants.terms import AGREED, ALTERED, BROKEN, DECIDED, REQUESTED, REVOKED
from records.ledger import chains
from records.ledger.leaves import leaf_hash
from records.ledger.models import Leaf
from records.vault import Context, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from records.ledger.leaves import Linked
    from records.people import Person

log = structlog.get_logger(__name__)

SIGNED = (REQUESTED, BROKEN, AGREED, DECIDED, REVOKED)  # the acts that a grant's row has to agree with


def locked(person: Person, action: str, grant_id: UUID, *, sampled: bool | None = None) -> AccessGrant:
    """The grant for this act, locked until commit, or Refused(NOT_FOUND). `sampled`: whether it has to be one of a sample's, which are
    decided and talked about on the sample's page alone; None: either."""
    grant = AccessGrant.objects.select_for_update().filter(chain_id=grant_id).first()
    if grant is not None and sampled is not None and sampled != _of_sample(grant_id):
        raise Refused(NOT_FOUND)
    if grant is None:
        raise Refused(NOT_FOUND)
    require(person, action, grant)
    return grant


def _of_sample(grant_id: UUID) -> bool:
    either = Q(sample_item__isnull=False) | Q(rater_reading__isnull=False)
    return AccessGrant.objects.filter(either, chain_id=grant_id).exists()


def append(grant: AccessGrant, kind: str, person: Person, field: str, text: str, ids: dict[str, str]) -> bytes:
    """Seal a text and fix it, with what was decided, in the grant's chain. Returns the ciphertext."""
    blob = _seal(grant, field, text)
    with chains.extend(grant.id) as tail:
        tail.add(kind, actor=person.id, content=blob, ids=ids)
    return blob


def written(
    grant: AccessGrant, kind: str, person: Person, field: str, text: str, ids: Mapping[str, str] | None = None
) -> tuple[Linked, bytes]:
    """Fix a text of which there may be many: sealed under `field` and the number of its leaf. Returns leaf and ciphertext."""
    with chains.extend(grant.id) as tail:
        blob = _seal(grant, f"{field}.{tail.next_seq}", text)
        return tail.add(kind, actor=person.id, content=blob, ids=ids), blob


def note(grant: AccessGrant, kind: str, person: Person, text: str) -> GrantNote:
    """Add to what was written about the request."""
    leaf, blob = written(grant, f"grant.{kind}", person, "note", text)
    return GrantNote.objects.create(grant=grant, seq=leaf.seq, kind=kind, author=person, at=chains.moment(leaf.at), body=blob)


def words(grant: AccessGrant, field: str) -> str | None:
    """One of the sealed texts: reason, decision, revocation. Raises SealBroken or KeyMissing."""
    blob = getattr(grant, field)
    return None if blob is None else _unseal(grant, field, blob)


def note_words(row: GrantNote) -> str:
    """What a note says. Raises SealBroken or KeyMissing."""
    return _unseal(row.grant, f"note.{row.seq}", row.body)


def reading_words(row: ReadingNote) -> str:
    """What the reader typed. Raises SealBroken or KeyMissing."""
    return _unseal(row.grant, f"reading.{row.seq}", row.body)


def terms(grant: AccessGrant) -> dict[str, str]:
    """The terms as they hold, in the words of a leaf. Only what takes more than one approver says how many."""
    return {
        **({"approvers": str(grant.approvers)} if grant.approvers > 1 else {}),
        "case": str(grant.case_id),
        "content": ",".join(grant.content),
        "hours": str(grant.hours),
        "number": grant.case_number,
        "purpose": grant.purpose,
        "request": str(grant.request),
        "since": grant.since.isoformat() if grant.since else "",
        "tell": grant.tell,
        "until": grant.until.isoformat() if grant.until else "",
    }


def outcome(grant: AccessGrant) -> dict[str, str]:
    """What the approver signs for: the terms as they were narrowed, and the end."""
    ends = grant.expires_at.astimezone(UTC).isoformat() if grant.expires_at else ""
    return {**terms(grant), "expires_at": ends, "state": grant.state}


def unaltered(grant: AccessGrant) -> None:
    """Compare the row with what its chain says was asked and decided. Raises Refused(ALTERED)."""
    leaves = Leaf.objects.filter(chain_id=grant.id, kind__in=SIGNED).order_by("seq")
    told = [(leaf.kind, *_said(leaf)) for leaf in leaves]
    if told != _expected(grant) or not _consistent(grant):
        log.error("grant.altered", grant=str(grant.id))
        raise Refused(ALTERED)


def _expected(grant: AccessGrant) -> list[tuple[str, str, str | None, dict[str, str]]]:
    """The leaves of a chain whose grant is as this row says."""
    if grant.urgent:
        return [(BROKEN, str(grant.requester_id), _digest(grant.reason), outcome(grant))]
    expected = [(REQUESTED, str(grant.requester_id), _digest(grant.reason), grant.asked)]
    if grant.first_approver_id:
        expected.append((AGREED, str(grant.first_approver_id), _digest(grant.first_decision), grant.agreed))
    if grant.state == AccessGrant.State.APPROVED:
        expected.append((DECIDED, str(grant.approver_id), _digest(grant.decision), outcome(grant)))
    return expected


def _consistent(grant: AccessGrant) -> bool:
    """Whether what was agreed to last are the terms that hold, and as many agreed as have to."""
    if grant.urgent:
        return True
    if grant.state == AccessGrant.State.APPROVED:
        return grant.approvers == 1 or grant.first_approver_id is not None
    return bool((grant.agreed or grant.asked) == terms(grant))


def _said(leaf: Leaf) -> tuple[str | None, str | None, dict[str, str]]:
    data = bytes(leaf.data)
    if leaf_hash(data) != bytes(leaf.hash):
        return None, None, {}
    said = msgspec.json.decode(data)
    return said["actor"], said["content"], said["ids"]


def _seal(grant: AccessGrant, field: str, text: str) -> bytes:
    return seal(open_key(grant.key_id), _context(grant, field), text.encode())


def _unseal(grant: AccessGrant, field: str, blob: bytes | memoryview) -> str:
    if not blob:
        return ""  # shredded
    return unseal(open_key(grant.key_id), _context(grant, field), bytes(blob)).decode()


def _context(grant: AccessGrant, field: str) -> Context:
    return Context(f"grant.{field}", grant.id, 0, grant.requester_id, "", "text/plain")


def _digest(blob: bytes | memoryview | None) -> str | None:
    return None if blob is None else hashlib.sha256(bytes(blob)).hexdigest()
