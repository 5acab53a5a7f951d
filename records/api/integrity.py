"""The health of the ledger, for the integrity centre."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema

from records import integrity
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.api.charts import moment
from records.api.schemas import Bilingual, bilingual
from records.ledger import signing
from records.ledger.timestamps import Stamped
from records.ledger.witnessing import Standing

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


class LedgerHealth(Schema):
    checkpoint: SignedTree | None
    pending: int
    last_full_check: datetime | None
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
        "last_full_check": None if found.checked_at is None else moment(found.checked_at),
        "ok": found.ok,
        "public_key": found.public_key,
        "witnesses": [{"name": witness.name, **_covered(witness)} for witness in found.witnesses],
        "time_stamp": found.stamped and _covered(found.stamped),
        "sentence": bilingual(*found.sentence),
    }


def _covered(found: Standing | Stamped) -> dict[str, Any]:
    return {"size": found.size, "at": None if found.at is None else moment(found.at), "late": found.late}
