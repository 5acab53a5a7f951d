"""Whether the ledger as a whole is well: what is signed, what waits, and what the last full check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from records.access import require
from records.ledger import checks, signing, timestamps, tree, witnessing
from records.ledger.audit import signature_finding
from records.ledger.chains import now_ms
from records.ledger.full_audit import check_all
from records.ledger.models import PendingLeaf
from records.ledger.outside import check_outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.ledger.checks import Check
    from records.ledger.models import Checkpoint
    from records.ledger.timestamps import Stamped
    from records.ledger.witnessing import Standing
    from records.people import Person

log = structlog.get_logger(__name__)

# Leaves get their place within a second; one that waits longer than this is a sequencer that does not work.
LATE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Health:
    """`check`: the last full check, None: there was none yet. `good_at`: when one last found nothing wrong, ms since epoch."""

    checkpoint: Checkpoint | None
    pending: int
    late: bool
    signed: bool
    check: Check | None
    good_at: int | None
    public_key: str
    witnesses: Sequence[Standing] = ()
    stamped: Stamped | None = None  # None: no time-stamping authority is configured

    @property
    def ok(self) -> bool:
        return not (self.findings or not self.signed or self.late or self.unwitnessed or self.unstamped)

    @property
    def findings(self) -> int:
        return self.check.problems if self.check else 0

    @property
    def coverage(self) -> float | None:
        """Which part of all entries the last full check has seen."""
        if self.check is None or self.checkpoint is None:
            return None
        return min(1.0, self.check.entries / (self.checkpoint.size + self.pending))

    @property
    def alerts(self) -> list[str]:
        """What is not well now beside the findings of the last check: names of SENTENCES."""
        wrong = {
            "unsigned": not self.signed,
            "late": self.late,
            "unwitnessed": bool(self.unwitnessed),
            "unstamped": self.unstamped,
        }
        return [name for name, holds in wrong.items() if holds]

    @property
    def unstamped(self) -> bool:
        return self.stamped is not None and self.stamped.late

    @property
    def unwitnessed(self) -> list[str]:
        """Witnesses that have not cosigned what was signed ten minutes ago."""
        return [witness.name for witness in self.witnesses if witness.late]

    @property
    def sentence(self) -> tuple[str, str]:
        """In Chinese and in English, the worst first."""
        wrong = (
            (bool(self.findings), "findings"),
            (not self.signed, "unsigned"),
            (self.late, "late"),
            (bool(self.unwitnessed), "unwitnessed"),
            (self.unstamped, "unstamped"),
            (self.check is None, "unchecked"),
        )
        return self.words(next((name for holds, name in wrong if holds), "well"))

    def words(self, name: str) -> tuple[str, str]:
        """A sentence of SENTENCES with its numbers."""
        values = {"findings": self.findings, "witnesses": len(self.unwitnessed)}
        zh, en = SENTENCES[name]
        return zh.format_map(values), en.format_map(values)


SENTENCES: Final = {
    "findings": ("最近一次完整核验发现 {findings} 处不一致。", "The last full check found {findings} mismatches."),
    "unsigned": ("最新检查点的签名无效。", "The signature of the newest checkpoint is not valid."),
    "late": (
        "新的记录超过一分钟没有写入已签名的账本。",
        "New entries have been waiting for more than a minute to be signed.",
    ),
    "unwitnessed": (
        "{witnesses} 个见证方超过十分钟没有联署最新的账本。",
        "{witnesses} of the witnesses have not cosigned the ledger for more than ten minutes.",
    ),
    "unstamped": ("账本很久没有取得可信时间戳。", "The ledger has not been time-stamped for a long time."),
    "unchecked": (
        "账本正在正常签名，还没有做过完整核验。",
        "The ledger is being signed; it has not been checked in full yet.",
    ),
    "well": (
        "账本正在正常签名，最近一次完整核验全部一致。",
        "The ledger is being signed, and the last full check found nothing wrong.",
    ),
}


def health(person: Person) -> Health:
    require(person, "integrity.see")
    newest, oldest = tree.latest(), PendingLeaf.objects.select_related("leaf").order_by("leaf_id").first()
    return Health(
        checkpoint=newest,
        pending=PendingLeaf.objects.count(),
        late=oldest is not None and now_ms() - oldest.leaf.at > LATE_MS,
        signed=newest is None or signature_finding(newest) is None,
        check=checks.last(),
        good_at=checks.last_good_at(),
        public_key=str(signing.verifier()),
        witnesses=witnessing.standings(),
        stamped=timestamps.standing(),
    )


def check() -> int:
    """Check the whole ledger, also against what is known of it outside the database, and leave a leaf that says so.

    Returns how many mismatches were found; each is logged.
    """
    totals = check_all()
    totals.note(*check_outside(ask=True).findings)
    for finding in totals.findings:
        log.error("ledger.mismatch", **finding.payload())
    checks.remember(totals)
    return len(totals.findings)
