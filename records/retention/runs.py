"""Runs: what a preview named and somebody confirmed is destroyed, key by key; nothing else ever is. Resumable at every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from records.access import require
from records.errors import ErrorKind, Refused
from records.retention import plan, shredding
from records.retention.chain import extend_retention
from records.retention.models import RetentionItem, RetentionRun, Tombstone

if TYPE_CHECKING:
    from records.people import Person
    from records.retention.plan import Fate

log = structlog.get_logger(__name__)

CONFIRMED: Final = "retention.run_confirmed"
State = RetentionItem.State

CHANGED: Final = ErrorKind(
    "retention.changed",
    409,
    "预览之后清单有变化，请重新预览后再确认。",
    "What is due has changed since this preview. Please look at it again before you confirm.",
)
NOTHING_DUE: Final = ErrorKind("retention.nothing_due", 409, "现在没有到期的内容。", "Nothing is due now.")


class Preview(NamedTuple):
    """What a run confirmed now would destroy. `digest` names it."""

    fates: list[Fate]
    digest: str


class Worked(NamedTuple):
    shredded: int
    spared: int


def preview() -> Preview:
    fates = plan.due()
    return Preview(fates, plan.digest(fates))


def preview_for(person: Person) -> Preview:
    require(person, "retention.see")
    return preview()


def confirm(person: Person, digest: str) -> RetentionRun:
    """Let the next run destroy what the preview of this digest named. Raises Refused: CHANGED, NOTHING_DUE."""
    require(person, "retention.confirm")
    return begin(digest, person)


@transaction.atomic
def begin(digest: str, person: Person | None) -> RetentionRun:
    """`confirm`, also for the operator at the terminal (`person` None)."""
    found = preview()
    if found.digest != digest:
        raise Refused(CHANGED)
    planned = {fate.holding.key for fate in found.fates} - set(_waiting())
    if not planned:
        raise Refused(NOTHING_DUE)
    run = RetentionRun.objects.create(digest=digest, confirmed_by=person)
    RetentionItem.objects.bulk_create(RetentionItem(run=run, key_id=key) for key in sorted(planned, key=str))
    with extend_retention() as tail:
        ids = {"digest": digest, "keys": str(len(planned)), "run": str(run.id)}
        tail.add(CONFIRMED, actor=person.id if person else None, ids=ids)
    return run


def work() -> Worked:
    """Go on with every confirmed run until it is finished. Run by beat once a day; killed, it goes on at the key where it was."""
    worked = Worked(0, 0)
    for run in RetentionRun.objects.filter(finished_at=None).order_by("confirmed_at"):
        for item in run.items.exclude(state__in=[State.DONE, State.SPARED]).order_by("id"):
            shredded = _work(item)
            worked = Worked(worked.shredded + shredded, worked.spared + (not shredded))
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])
    return worked


def _work(item: RetentionItem) -> bool:
    """Whether the key of this item is gone, its files too."""
    actor = item.run.confirmed_by_id
    holding = next((fate.holding for fate in plan.fates([item.key_id])), None)
    try:
        if holding is not None:
            shredding.shred(item.key_id, "maximum", actor)
    except Refused as refused:
        log.info("retention.spared", key=str(item.key_id), reason=refused.kind.code)
        _mark(item, State.SPARED)
        return False
    stone = Tombstone.objects.get(key_id=item.key_id)
    shredding.remove_files(holding or shredding.holding_of(stone))
    _mark(item, State.DONE)
    return True


def _mark(item: RetentionItem, state: str) -> None:
    item.state = state
    item.save(update_fields=["state"])


def _waiting() -> set[object]:
    return set(RetentionItem.objects.filter(run__finished_at=None).values_list("key_id", flat=True))
