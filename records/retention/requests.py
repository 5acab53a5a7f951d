"""The rights desk: a patient wants a consultation erased. Allowed now: destroyed. Before the minimum: sealed, and destroyed on the day.

What belongs to the medical record (entries, summaries in it, transcripts of calls) is kept with the record; the answer says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from records.access import loaded, require
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.ledger.models import Chain
from records.retention import certificates, holdings, plan, shredding
from records.retention.chain import lock_retention
from records.retention.models import RightsRequest, Tombstone
from records.retention.shredding import HELD, NOT_THERE
from records.vault import Context, Retention, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person
    from records.retention.plan import Fate

log = structlog.get_logger(__name__)

ASKED, GRANTED, REFUSED, DONE = "rights.erasure_asked", "rights.granted", "rights.refused", "rights.erased"
State = RightsRequest.State

STILL_OPEN: Final = ErrorKind(
    "rights.still_open",
    409,
    "这次咨询还没有结束，结束后才能申请删除。",
    "This consultation is still open. It can be erased once it is closed.",
)
ASKED_BEFORE: Final = ErrorKind(
    "rights.asked_before", 409, "您已经申请过删除这次咨询。", "You have already asked for this to be erased."
)
DECIDED: Final = ErrorKind("rights.decided", 409, "这项申请已经有了决定。", "This request was already decided.")


@transaction.atomic
def ask(person: Person, case: UUID) -> RightsRequest:
    """Raises Refused: NOT_FOUND unless it is this patient's case, NOT_THERE when it is destroyed, STILL_OPEN, ASKED_BEFORE."""
    require(person, "rights.own")
    if holdings.patient_of(case) != person.id:
        raise Refused(NOT_FOUND)
    fates = _fates(case)
    if not fates and _stones(case):
        raise Refused(NOT_THERE)
    if not fates or any(fate.allowed_from is None for fate in fates):
        raise Refused(STILL_OPEN)
    made = RightsRequest(chain=Chain.objects.create(kind=Chain.Kind.RIGHTS), patient=person, case_id=case)
    with chains.extend(made.id) as tail:
        tail.add(ASKED, actor=person.id, ids={"case": str(case)})
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Refused(ASKED_BEFORE) from None
    return made


@transaction.atomic
def decide(person: Person, request_id: UUID, *, grant: bool, reason: str) -> RightsRequest:
    """Grant or refuse. What is granted goes at once when the law allows it, else it is sealed until then.

    Raises Refused: NOT_FOUND, DECIDED, HELD, STILL_OPEN.
    """
    require(person, "rights.decide")
    lock_retention()
    request = RightsRequest.objects.select_for_update().filter(chain_id=request_id).first()
    if request is None:
        raise Refused(NOT_FOUND)
    if request.state != State.WAITING:
        raise Refused(DECIDED)
    holdings.lock(request.case_id)  # it may be reopened at this moment
    fates = _fates(request.case_id)
    if grant and any(fate.held for fate in fates):
        raise Refused(HELD)
    if grant and any(fate.allowed_from is None for fate in fates):  # reopened since
        raise Refused(STILL_OPEN)
    request.decided_by, request.decided_at = person, timezone.now()
    until = max((fate.allowed_from or 0 for fate in fates), default=chains.now_ms())
    request.sealed_until = chains.moment(until) if grant else None
    request.state = State.SEALED if grant else State.REFUSED
    _note(request, person, reason, until)
    request.save()
    if grant:
        holdings.seal(request.case_id)
        carry_out(request)
    return request


def work() -> int:
    """Destroy what was sealed until today; return how many requests were carried out. Run with every run of retention."""
    ripe = RightsRequest.objects.filter(state=State.SEALED, sealed_until__lte=timezone.now())
    return sum(carry_out(request) for request in ripe)


@transaction.atomic
def carry_out(request: RightsRequest) -> bool:
    """Destroy all of a sealed case, if all of it may go; then there is a certificate. False: not yet, or somebody else did it."""
    lock_retention()
    request.refresh_from_db(from_queryset=RightsRequest.objects.select_for_update())
    fates, now = _fates(request.case_id), chains.now_ms()
    if request.state != State.SEALED or not all(fate.may_go(now) for fate in fates):
        return False
    for fate in fates:
        shredding.shred(fate.holding.key, str(request.id), request.decided_by_id)
    stones = _stones(request.case_id)
    if not stones:  # a certificate of nothing would be believed
        log.error("rights.nothing_destroyed", request=str(request.id))
        return False
    request.state, request.done_at = State.DONE, timezone.now()
    request.certificate = certificates.of(request, stones)
    with chains.extend(request.id) as tail:
        tail.add(DONE, actor=None, ids={"tombstones": ",".join(str(stone.seq) for stone in stones)})
    request.save()
    return True


def own(person: Person) -> QuerySet[RightsRequest]:
    """What this patient asked for, newest first."""
    require(person, "rights.own")
    return RightsRequest.objects.filter(patient=person).order_by("-asked_at")


def listed(person: Person) -> QuerySet[RightsRequest]:
    """Everybody's, for the desk: what waits for a decision first."""
    require(person, "retention.see")
    return RightsRequest.objects.select_related("patient", "decided_by").order_by("decided_at", "asked_at")


def load(person: Person, request_id: UUID) -> RightsRequest:
    """One request, for its patient and for the desk. Raises Refused(NOT_FOUND)."""
    return loaded(person, "rights.see", RightsRequest.objects.filter(chain_id=request_id).first())


def reason_of(request: RightsRequest) -> str | None:
    """Why it was decided so. Raises SealBroken, KeyMissing."""
    if request.reason is None or request.key_id is None:
        return None
    return unseal(open_key(request.key_id), _context(request), bytes(request.reason)).decode()


def _fates(case: UUID) -> list[Fate]:
    return plan.fates(holdings.keys_of(case))


def _stones(case: UUID) -> list[Tombstone]:
    """Of all that was destroyed of a case: also by a run, or again after a restore, before its request was carried out."""
    return list(Tombstone.objects.filter(key_id__in=holdings.keys_of(case)).order_by("seq"))


def _note(request: RightsRequest, person: Person, reason: str, until: int) -> None:
    key = data_key(request.id, Retention.ACCESS)
    request.key_id, request.reason = key.id, seal(key, _context(request), reason.encode())
    granted = request.state == State.SEALED
    with chains.extend(request.id) as tail:
        ids = {"until": str(until)} if granted else {}
        tail.add(GRANTED if granted else REFUSED, actor=person.id, content=request.reason, ids=ids)


def _context(request: RightsRequest) -> Context:
    return Context("rights.reason", request.id, 0, None, "", "text/plain")
