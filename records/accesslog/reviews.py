"""The review of each month of the access log: who is named for it and until when, what is said of its hints, and the signature."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from records.access import loaded, require
from records.accesslog.hints import GLASS, Bounds
from records.accesslog.kinds import LOOKED, NAMED, OPENED, SETTLED, SIGNED, Act
from records.accesslog.models import AccessEntry, AccessReview, HintNote
from records.errors import ErrorKind, Refused
from records.grants.models import AccessGrant
from records.ledger import chains
from records.ledger.chains import moment
from records.ledger.models import Chain
from records.ledger.system import extend_system
from records.people import Person, Role
from records.vault import Context, Retention, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from records.accesslog.hints import Hint
    from records.ledger.leaves import Linked

log = structlog.get_logger(__name__)

EXPLAINED, PURSUED = "explained", "pursued"
OUTCOMES: Final = {
    EXPLAINED: ("有正当理由", "explained"),
    PURSUED: ("已另行调查", "being looked into elsewhere"),
}
LISTED: Final = 24  # months
LOOKED_AT: Final = (Act.READ, Act.EXPORT, Act.EMERGENCY)

NOT_OVER: Final = ErrorKind("access_review.not_over", 409, "这个月还没有结束，不能签署。", "This month is not over yet.")
OVER: Final = ErrorKind(
    "access_review.signed_already", 409, "这个月的复核已经签署。", "The review of this month was signed already."
)
UNSETTLED: Final = ErrorKind(
    "access_review.unsettled", 409, "还有提示没有处理，不能签署。", "Some hints are not settled yet, so it cannot be signed."
)
OPEN_GLASS: Final = ErrorKind(
    "access_review.open_glass",
    409,
    "有紧急查阅还没有复核，请先复核。",
    "An emergency access of this month has not been reviewed. That comes first.",
)
OWN_HINT: Final = ErrorKind(
    "access_review.own",
    403,
    "这条提示是关于您自己的，需要由别人处理。",
    "This hint is about yourself. Somebody else has to settle it.",
)
SETTLED_ALREADY: Final = ErrorKind(
    "access_review.settled_already", 409, "这条提示已经处理过。", "This hint was settled already."
)
NOT_FIT: Final = ErrorKind(
    "access_review.not_fit", 422, "复核人需要是在岗的合规人员。", "The reviewer has to be an active officer or approver."
)


def bounds() -> Bounds:
    """Those in force."""
    return Bounds(**{name: value for name, value in settings.XINQIAO_OVERSIGHT.items() if name != "due_days"})


def span(month: date) -> tuple[int, int]:
    """When a month begins and ends, ms since epoch: from, to before."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first, after = datetime(month.year, month.month, 1, tzinfo=zone), _after(month)
    return int(first.timestamp() * 1000), int(datetime(after.year, after.month, 1, tzinfo=zone).timestamp() * 1000)


def visible(person: Person) -> QuerySet[AccessReview]:
    """Every month, newest first."""
    require(person, "access_review.see")
    return AccessReview.objects.select_related("reviewer", "signed_by").order_by("-month")


def load(person: Person, action: str, month: date, *, lock: bool = False) -> AccessReview:
    """The review of a month for this act, or Refused(NOT_FOUND). `lock`: until commit."""
    rows = AccessReview.objects.select_for_update(of=("self",)) if lock else AccessReview.objects.all()
    return loaded(person, action, rows.filter(month=month).first())


def is_over(review: AccessReview) -> bool:
    """Whether the month itself has ended."""
    return _after(review.month) <= timezone.localdate()


def is_overdue(review: AccessReview) -> bool:
    return review.signed_at is None and review.due_on < timezone.localdate()


def keep_up() -> int:
    """Open every month up to this one since the log began, and name somebody for those that ended. Idempotent; returns what is overdue."""
    first = AccessEntry.objects.order_by("at", "leaf_id").values_list("at", flat=True).first()
    month = _month_of(timezone.localdate() if first is None else timezone.localdate(moment(first)))
    now = _month_of(timezone.localdate())
    done = set(AccessReview.objects.filter(Q(reviewer__isnull=False) | Q(month=now)).values_list("month", flat=True))
    while month <= now:
        if month not in done:
            _keep(month)
        month = _after(month)
    late = AccessReview.objects.filter(signed_at=None, due_on__lt=timezone.localdate()).count()
    if late:
        log.error("access_review.overdue", months=late)
    return late


def candidates() -> QuerySet[Person]:
    """Who may be named."""
    return Person.objects.filter(is_active=True, roles__role__in=(Role.OFFICER, Role.APPROVER)).distinct().order_by("login")


@transaction.atomic
def name(person: Person, month: date, reviewer_id: UUID) -> AccessReview:
    """Name somebody else. Raises Refused: NOT_FOUND, OVER, NOT_FIT."""
    review = _unsigned(person, "access_review.name", month)
    chosen = candidates().filter(id=reviewer_id).first()
    if chosen is None:
        raise Refused(NOT_FIT)
    _name(review, chosen, person)
    return review


@transaction.atomic
def looked(person: Person, review: AccessReview, found: int, **of: str) -> None:
    """Note that somebody looks at the hints of a month, or at the acts `of` one hint; `found`: how many."""
    with chains.extend(review.id) as tail:
        tail.add(LOOKED, actor=person.id, ids={"found": str(found), **of})


def notes(review: AccessReview) -> dict[str, HintNote]:
    """The newest of each hint, by the hint's key."""
    return {row.hint: row for row in review.notes.select_related("by").order_by("seq")}


def is_settled(hint: Hint, known: dict[str, HintNote]) -> bool:
    """Whether what was said of it covers all of its acts."""
    note = known.get(hint.key)
    return note is not None and note.through >= hint.through


@transaction.atomic
def settle(person: Person, month: date, hint: Hint, outcome: str, text: str) -> AccessReview:
    """Say what a hint was. Raises Refused: NOT_FOUND, OVER, OWN_HINT, OPEN_GLASS, SETTLED_ALREADY."""
    review = _unsigned(person, "access_review.settle", month)
    if hint.actor == person.id:
        raise Refused(OWN_HINT)
    if still_open([hint]):
        raise Refused(OPEN_GLASS)
    if is_settled(hint, notes(review)):
        raise Refused(SETTLED_ALREADY)
    ids = {
        "about": str(hint.actor), "counted": str(hint.counted), "from": str(hint.leaves[0]), "outcome": outcome, "rule": hint.rule,
        "through": str(hint.through),
    }  # fmt: skip
    body, leaf = _sealed(review, SETTLED, person, text, ids)
    HintNote.objects.create(
        review=review, seq=leaf.seq, hint=hint.key, through=hint.through, outcome=outcome, by=person,
        at=moment(leaf.at), body=body,
    )  # fmt: skip
    return review


@transaction.atomic
def sign(person: Person, month: date, hints: Sequence[Hint], acts: int, text: str) -> AccessReview:
    """The named person's signature under a month that is over. Raises Refused: NOT_FOUND, OVER, NOT_OVER, OPEN_GLASS, UNSETTLED."""
    review = _unsigned(person, "access_review.sign", month)
    if not is_over(review):
        raise Refused(NOT_OVER)
    if unreviewed(month).exists():
        raise Refused(OPEN_GLASS)
    known = notes(review)
    if not all(is_settled(hint, known) for hint in hints):
        raise Refused(UNSETTLED)
    pursued = sum(known[hint.key].outcome == PURSUED for hint in hints)
    ids = {"acts": str(acts), "hints": str(len(hints)), "month": str(review), "pursued": str(pursued), **_said(bounds())}
    review.note, leaf = _sealed(review, SIGNED, person, text, ids)
    review.signed_by, review.signed_seq = person, leaf.seq
    review.signed_at = moment(leaf.at)
    review.save(update_fields=["note", "signed_by", "signed_seq", "signed_at"])
    return review


def words(row: HintNote | AccessReview) -> str:
    """What was written. Raises SealBroken, KeyMissing."""
    review, kind, seq, body = (
        (row.review, SETTLED, row.seq, row.body)
        if isinstance(row, HintNote)
        else (row, SIGNED, row.signed_seq or 0, row.note or b"")
    )
    return unseal(open_key(review.key_id), _context(kind, review, seq), bytes(body)).decode()


def unreviewed(month: date) -> QuerySet[AccessGrant]:
    """Glass that was broken in a month and that nobody has reviewed."""
    since, until = map(moment, span(month))
    return AccessGrant.objects.filter(urgent=True, reviewed_at=None, requested_at__gte=since, requested_at__lt=until)


def still_open(hints: Iterable[Hint]) -> set[int]:
    """The leaves of those glasses among these hints that nobody has reviewed."""
    leaves = [hint.leaves[0] for hint in hints if hint.rule == GLASS]
    return set(AccessGrant.objects.filter(chain__leaves__in=leaves, reviewed_at=None).values_list("chain__leaves", flat=True))


@transaction.atomic
def _keep(month: date) -> None:
    with extend_system():  # where two processes that open the same month wait for each other
        review = AccessReview.objects.filter(month=month).first() or _open(month)
    if review.reviewer_id is None and is_over(review) and (chosen := _least_involved(month)):
        waiting = AccessReview.objects.select_for_update().filter(chain=review.id, reviewer=None).first()
        if waiting is not None:  # nobody was named meanwhile
            _name(waiting, chosen, None)


def _open(month: date) -> AccessReview:
    chain = Chain.objects.create(kind=Chain.Kind.OVERSIGHT)
    due = _after(month) + timedelta(days=settings.XINQIAO_OVERSIGHT["due_days"] - 1)
    review = AccessReview(chain=chain, month=month, due_on=due, key_id=data_key(chain.id, Retention.ACCESS).id)
    with chains.extend(chain.id) as tail:
        tail.add(OPENED, actor=None, ids={"due_on": due.isoformat(), "month": str(review)})
    review.save(force_insert=True)
    return review


def _least_involved(month: date) -> Person | None:
    """Of those who may review, whoever opened and took along the least in it: nobody looks through mostly their own acts."""
    since, until = span(month)
    rows = AccessEntry.objects.filter(at__gte=since, at__lt=until, act__in=LOOKED_AT, actor__in=candidates())
    did = dict(rows.values_list("actor").annotate(n=Count("leaf")).order_by())
    return min(candidates(), key=lambda person: (did.get(person.id, 0), person.login), default=None)


def _name(review: AccessReview, chosen: Person, by: Person | None) -> None:
    review.reviewer = chosen
    with chains.extend(review.id) as tail:
        tail.add(NAMED, actor=by.id if by else None, ids={"reviewer": str(chosen.id)})
    review.save(update_fields=["reviewer"])


def _unsigned(person: Person, action: str, month: date) -> AccessReview:
    review = load(person, action, month, lock=True)
    if review.signed_at is not None:
        raise Refused(OVER)
    return review


def _sealed(review: AccessReview, kind: str, person: Person, text: str, ids: dict[str, str]) -> tuple[bytes, Linked]:
    with chains.extend(review.id) as tail:
        body = seal(open_key(review.key_id), _context(kind, review, tail.next_seq), text.encode())
        return body, tail.add(kind, actor=person.id, content=body, ids=ids)


def _context(kind: str, review: AccessReview, seq: int) -> Context:
    return Context(kind, review.id, seq, None, "", "text/plain")


def _said(used: Bounds) -> dict[str, str]:
    """The bounds in the words of a leaf."""
    days = "".join(str(day) for day in sorted(used.days))
    return {
        "duty": f"{days} {used.opens}-{used.closes}", "most_exports": str(used.exports), "most_off_duty": str(used.off_duty),
        "most_patients": str(used.patients),
    }  # fmt: skip


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _after(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
