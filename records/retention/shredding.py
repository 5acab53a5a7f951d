"""Destroying what one data key opens: tombstone, key, ciphertext, in one transaction; its files after that."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from django.db import transaction

from records import vault
from records.errors import ErrorKind, Refused
from records.ledger.chains import now_ms
from records.retention import holdings, plan, tombstones
from records.retention.chain import extend_retention, lock_retention
from records.retention.holdings import Holding
from records.retention.models import Tombstone
from records.vault.models import Retention

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

log = structlog.get_logger(__name__)

SHREDDED: Final = "content.shredded"

HELD: Final = ErrorKind(
    "retention.held", 409, "内容处于法律保全中，不能销毁。", "This content is under a legal hold and cannot be destroyed."
)
TOO_EARLY: Final = ErrorKind(
    "retention.too_early",
    409,
    "还没有到最短保存期限，不能销毁。",
    "The minimum time of keeping is not over; this cannot be destroyed.",
)
NOT_THERE: Final = ErrorKind("retention.nothing", 409, "没有可以销毁的内容。", "There is nothing here that could be destroyed.")


@transaction.atomic
def shred(key: UUID, why: str, actor: UUID | None = None) -> Tombstone:
    """Destroy everything under a data key. `why`: maximum, replay, or the id of a patient's request.

    Looked at again under lock: what was planned yesterday may be held today. Raises Refused: NOT_THERE, HELD, TOO_EARLY.
    """
    lock_retention()
    for keeper in holdings.keepers():
        keeper.lock(key)
    holding = _allowed(key)
    stone = _tombstone(holding, why, actor)
    vault.shred([key])
    for keeper in holdings.keepers():
        keeper.erase(holding)
    transaction.on_commit(partial(tombstones.remember, [tombstones.line_of(stone)]))
    transaction.on_commit(partial(remove_files, holding))
    log.info("content.shredded", key=str(key), scope=str(holding.scope), tombstone=stone.seq, why=why)
    return stone


@transaction.atomic
def shred_unrecorded(key: UUID, scope: UUID) -> None:
    """Destroy again what was withdrawn before the ledger held anything of it: there is nothing that a tombstone would account for."""
    holding = Holding(key, scope, Retention.DIALOGUE, "recording", None)
    vault.shred([key])
    for keeper in holdings.keepers():
        keeper.erase(holding)
    transaction.on_commit(partial(remove_files, holding))


def remove_files(holding: Holding) -> None:
    """Remove what lay on disk. After a crash the run does it again, and `sweep`."""
    for keeper in holdings.keepers():
        for path in keeper.files(holding):
            _remove(path)


def sweep() -> int:
    """Remove what is still on disk of what is destroyed: whoever was to do it was killed, or the disk refused. Return how many."""
    return sum(_remove(path) for keeper in holdings.keepers() for path in keeper.left())


def _remove(path: Path) -> bool:
    """Whether it was there and is gone; one that stays is tried again every night."""
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return False
    except OSError:
        log.exception("content.file_left", path=str(path))
        return False
    return True


def holding_of(stone: Tombstone) -> Holding:
    """What a tombstone says of what it destroyed; enough to find its files."""
    return Holding(
        stone.key_id, stone.scope, stone.retention, "", None, about=stone.about, patient=stone.patient_id, case=stone.case_id
    )


def _allowed(key: UUID) -> Holding:
    fate = next(iter(plan.fates([key])), None)
    if fate is None:
        raise Refused(NOT_THERE)
    if fate.held:
        raise Refused(HELD)
    if not fate.may_go(now_ms()):
        raise Refused(TOO_EARLY)
    return fate.holding


def _tombstone(holding: Holding, why: str, actor: UUID | None) -> Tombstone:
    ids = {"class": holding.retention, "key": str(holding.key), "scope": str(holding.scope), "why": why}
    ids |= {"about": str(holding.about)} if holding.about else {}
    with extend_retention() as tail:
        leaf = tail.add(SHREDDED, actor=actor, ids=ids)
    return Tombstone.objects.create(
        seq=leaf.seq,
        key_id=holding.key,
        scope=holding.scope,
        retention=holding.retention,
        about=holding.about,
        patient_id=holding.patient,
        case_id=holding.case,
        at=leaf.at,
    )
