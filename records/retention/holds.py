"""Legal holds (法律保全): placed by one person, released by two. Each act is a leaf of the hold's own chain."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from records.access import require
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.ledger.models import Chain, Leaf
from records.retention import holdings
from records.retention.chain import lock_retention
from records.retention.models import HoldRefusal, LegalHold
from records.vault import Context, Retention, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from records.people import Person
    from records.retention.holdings import Holding

PLACED, REVIEWED, ASKED, RELEASED = "hold.placed", "hold.reviewed", "hold.release_asked", "hold.released"
DECLINED: Final = "hold.release_declined"
REVIEW_AFTER: Final = timedelta(days=180)  # unless whoever places it says otherwise
LATEST_REVIEW: Final = timedelta(days=731)
COLUMNS: Final = {PLACED: "reason", ASKED: "asked_why"}

NOT_IN_FORCE: Final = ErrorKind("hold.over", 409, "这项法律保全已经解除。", "This hold was already released.")
ASKED_ALREADY: Final = ErrorKind(
    "hold.asked_already",
    409,
    "已有人申请解除，等待另一人确认。",
    "Its release was already asked for; another person has to agree.",
)
NOT_ASKED: Final = ErrorKind(
    "hold.not_asked", 409, "还没有人申请解除这项法律保全。", "Nobody has asked for the release of this hold."
)
ANOTHER: Final = ErrorKind(
    "hold.needs_another",
    403,
    "解除法律保全需要两个人：申请人不能自己确认。",
    "A release takes two people: whoever asked for it cannot agree to it.",
)
REVIEW_DAY: Final = ErrorKind(
    "hold.review_day", 422, "复核日期应在明天起的两年之内。", "The day of the review has to be within two years from tomorrow."
)


@transaction.atomic
def place(person: Person, *, patient: UUID | None, case: UUID | None, reason: str, review_on: date | None = None) -> LegalHold:
    """Hold one case, or all of a patient. Raises Refused: NOT_FOUND when there is no such case or patient, REVIEW_DAY."""
    require(person, "hold.place")
    day = _in_time(review_on or timezone.localdate() + REVIEW_AFTER)
    lock_retention()
    owner = holdings.patient_of(case) if case else holdings.known_patient(patient)
    if owner is None:
        raise Refused(NOT_FOUND)
    hold = LegalHold(
        chain=Chain.objects.create(kind=Chain.Kind.HOLD), patient_id=owner, case_id=case, placed_by=person, review_on=day
    )
    hold.key_id = data_key(hold.id, Retention.ACCESS).id
    ids = {"patient": str(owner), "review_on": day.isoformat(), **({"case": str(case)} if case else {})}
    hold.reason = _append(hold, PLACED, person, reason, ids)
    hold.save(force_insert=True)
    return hold


@transaction.atomic
def review(person: Person, hold_id: UUID, *, review_on: date) -> LegalHold:
    """It is still needed, and is looked at again on that day. Raises Refused: NOT_FOUND, NOT_IN_FORCE, REVIEW_DAY."""
    hold = _locked(person, "hold.review", hold_id)
    hold.review_on = _in_time(review_on)
    with chains.extend(hold.id) as tail:
        tail.add(REVIEWED, actor=person.id, ids={"review_on": review_on.isoformat()})
    hold.save(update_fields=["review_on"])
    return hold


def is_due(hold: LegalHold) -> bool:
    """Whether it waits for a review."""
    return hold.released_at is None and hold.review_on is not None and hold.review_on <= timezone.localdate()


@transaction.atomic
def ask_release(person: Person, hold_id: UUID, *, reason: str) -> LegalHold:
    """The first of two. Raises Refused: NOT_FOUND, NOT_IN_FORCE, ASKED_ALREADY."""
    hold = _locked(person, "hold.ask_release", hold_id)
    if hold.asked_by_id is not None:
        raise Refused(ASKED_ALREADY)
    hold.asked_by, hold.asked_at = person, timezone.now()
    hold.asked_why = _append(hold, ASKED, person, reason, {})
    hold.save(update_fields=["asked_by", "asked_at", "asked_why"])
    return hold


@transaction.atomic
def release(person: Person, hold_id: UUID) -> LegalHold:
    """The second of two. Raises Refused: NOT_FOUND, NOT_IN_FORCE, NOT_ASKED, ANOTHER."""
    hold = _locked(person, "hold.list", hold_id)
    if hold.asked_by_id is None:
        raise Refused(NOT_ASKED)
    _another(person, hold)
    require(person, "hold.release", hold)
    hold.released_by, hold.released_at = person, timezone.now()
    with chains.extend(hold.id) as tail:
        tail.add(RELEASED, actor=person.id, ids={"asked_by": str(hold.asked_by_id)})
    hold.save(update_fields=["released_by", "released_at"])
    return hold


def _another(person: Person, hold: LegalHold) -> None:
    if hold.asked_by_id == person.id:
        raise Refused(ANOTHER)


@transaction.atomic
def decline(person: Person, hold_id: UUID, *, reason: str) -> LegalHold:
    """The release that was asked for does not come: whoever asked takes it back, or somebody else declines it. The hold is as if nobody
    had asked. Raises Refused: NOT_FOUND, NOT_IN_FORCE, NOT_ASKED."""
    hold = _locked(person, "hold.decline", hold_id)
    if hold.asked_by_id is None or hold.asked_at is None or hold.asked_why is None:
        raise Refused(NOT_ASKED)
    asked = Leaf.objects.filter(chain=hold.id, kind=ASKED).latest("seq")
    row = HoldRefusal(
        hold=hold,
        by=person,
        asked_seq=asked.seq,
        asked_by_id=hold.asked_by_id,
        asked_at=hold.asked_at,
        asked_why=hold.asked_why,
    )
    with chains.extend(hold.id) as tail:
        row.seq = tail.next_seq
        row.why = seal(open_key(hold.key_id), _context(hold, DECLINED, row.seq), reason.encode())
        tail.add(DECLINED, actor=person.id, content=row.why, ids={"asked": str(asked.seq), "asked_by": str(hold.asked_by_id)})
    row.save(force_insert=True)
    hold.asked_by, hold.asked_at, hold.asked_why = None, None, None
    hold.save(update_fields=["asked_by", "asked_at", "asked_why"])
    return hold


def listed(person: Person) -> QuerySet[LegalHold]:
    """Every hold, those in force first, newest first."""
    require(person, "hold.list")
    people = ("placed_by", "asked_by", "released_by", "patient")
    rows = LegalHold.objects.select_related(*people).prefetch_related("refusals")
    return rows.order_by(F("released_at").desc(nulls_first=True), "-placed_at")


def words(hold: LegalHold, kind: str) -> str | None:
    """What was written for one act of a hold. Raises SealBroken, KeyMissing."""
    blob = getattr(hold, COLUMNS[kind])
    return None if blob is None else unseal(open_key(hold.key_id), _context(hold, kind), bytes(blob)).decode()


def refusal_words(row: HoldRefusal) -> tuple[str, str]:
    """Why the release was asked for, and why it did not come. Raises SealBroken, KeyMissing."""
    key, hold = open_key(row.hold.key_id), row.hold
    asked = unseal(key, _context(hold, ASKED), bytes(row.asked_why)).decode()
    return asked, unseal(key, _context(hold, DECLINED, row.seq), bytes(row.why)).decode()


class Held:
    """The holds in force, read once: whether a holding is under one of them.

    What a key opens of no one case, such as a chart's entries or the calls of an older chart, may be of the held one: a hold on any
    case of its patient keeps it.
    """

    def __init__(self) -> None:
        rows = LegalHold.objects.filter(released_at=None)
        self._touched = set(rows.values_list("patient_id", flat=True))
        self._patients = set(rows.filter(case=None).values_list("patient_id", flat=True))
        self._cases = set(rows.exclude(case=None).values_list("case_id", flat=True))

    def __contains__(self, holding: Holding) -> bool:
        patients = self._touched if holding.case is None else self._patients
        return holding.patient in patients or bool(self._cases.intersection((holding.case, holding.scope)))


def _in_time(day: date) -> date:
    today = timezone.localdate()
    if not today < day <= today + LATEST_REVIEW:
        raise Refused(REVIEW_DAY)
    return day


def _locked(person: Person, action: str, hold_id: UUID) -> LegalHold:
    hold = LegalHold.objects.select_for_update().filter(chain_id=hold_id).first()
    if hold is None:
        raise Refused(NOT_FOUND)
    require(person, action)
    if hold.released_at is not None:
        raise Refused(NOT_IN_FORCE)
    return hold


def _append(hold: LegalHold, kind: str, person: Person, text: str, ids: dict[str, str]) -> bytes:
    blob = seal(open_key(hold.key_id), _context(hold, kind), text.encode())
    with chains.extend(hold.id) as tail:
        tail.add(kind, actor=person.id, content=blob, ids=ids)
    return blob


def _context(hold: LegalHold, kind: str, seq: int = 0) -> Context:
    return Context(kind, hold.id, seq, None, "", "text/plain")
