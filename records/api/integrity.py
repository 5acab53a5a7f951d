"""The health of the ledger, for the integrity centre."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ninja import Router, Schema

from records import integrity
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.ledger import signing
from records.ledger.chains import moment
from records.ledger.findings import TEXTS
from records.ledger.timestamps import Stamped
from records.ledger.witnessing import Standing
from records.views import Bilingual, bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

router = Router(tags=["compliance"], auth=signed_in)


class LedgerKey(Schema):
    """What receipts, checkpoints and packs are verified with, as C2SP signed-note writes it: name+id+base64."""

    key: str


class SignedTree(Schema):
    """The newest checkpoint; `root` in hex."""

    size: int
    at: datetime
    root: str


class WitnessStanding(Schema):
    """How far an independent witness has followed: `size` and `at` of the newest checkpoint that it cosigned, null while there is none.

    `late`: it has not cosigned what was signed ten minutes ago.
    """

    name: str
    size: int | None
    at: datetime | None
    late: bool


class TimeStamp(Schema):
    """The newest stamp of the configured authority: `size` and `at`, null while there is none.

    `late`: nothing was stamped for three of the configured periods.
    """

    size: int | None
    at: datetime | None
    late: bool


class Alert(Schema):
    """Something that is not well. `chain` (hex) and `seq`: the entry, where it is about one."""

    code: str
    message: Bilingual
    chain: str | None
    seq: int | None


class LedgerHealth(Schema):
    """`checked_share`: which part of all entries the last full check has seen. `last_good_check`: when one last found nothing wrong.

    `problems`: how many mismatches the last one found; `alerts` names the first of them, and what is not well now.
    """

    checkpoint: SignedTree | None
    pending: int
    last_full_check: datetime | None
    checked_share: float | None
    last_good_check: datetime | None
    problems: int
    alerts: list[Alert]
    ok: bool
    public_key: str
    witnesses: list[WitnessStanding]
    time_stamp: TimeStamp | None
    sentence: Bilingual


@router.get("/ledger/key", response=LedgerKey)
@acts(OWN)
def key(request: SignedInRequest) -> dict[str, str]:
    """The ledger's public key. Whoever means to hold the hospital to it compares it with what the hospital publishes elsewhere."""
    return {"key": str(signing.verifier())}


@router.get("/integrity", response=LedgerHealth)
@acts("integrity.see")
def see(request: SignedInRequest) -> dict[str, Any]:
    """`public_key` is what a stranger verifies evidence packs with."""
    found = integrity.health(request.auth)
    newest = found.checkpoint
    return {
        "checkpoint": {"size": newest.size, "at": moment(newest.at), "root": bytes(newest.root).hex()} if newest else None,
        "pending": found.pending,
        "last_full_check": moment(found.check.at) if found.check else None,
        "checked_share": found.coverage,
        "last_good_check": None if found.good_at is None else moment(found.good_at),
        "problems": found.findings,
        "alerts": [*_alerts(found)],
        "ok": found.ok,
        "public_key": found.public_key,
        "witnesses": [{"name": witness.name, **_covered(witness)} for witness in found.witnesses],
        "time_stamp": found.stamped and _covered(found.stamped),
        "sentence": bilingual(*found.sentence),
    }


def _alerts(found: integrity.Health) -> Iterator[dict[str, Any]]:
    for name in found.alerts:
        yield {"code": name, "message": bilingual(*found.words(name)), "chain": None, "seq": None}
    for one in found.check.found if found.check else ():
        yield {"code": one.code, "message": bilingual(*TEXTS[one.code]), "chain": one.chain, "seq": one.seq}


def _covered(found: Standing | Stamped) -> dict[str, Any]:
    return {"size": found.size, "at": None if found.at is None else moment(found.at), "late": found.late}
