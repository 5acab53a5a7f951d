"""Watches a log from outside, over HTTP alone: is it signed, does it continue what was seen before, does it go on, do witnesses follow?"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from records.ledger import checkpoints, cosignatures, merkle, outbound, published, tree
from records.ledger.merkle import HASH_BYTES, ProofError
from records.ledger.notes import NoteError
from records.ledger.outbound import Unreachable
from records.ledger.published import Place
from records.ledger.tree import BITS, WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.ledger.checkpoints import Checkpoint
    from records.ledger.notes import Verifier

WELL: Final = 0
CAUGHT: Final = 1  # evidence that the log lied
UNKNOWN: Final = 2  # it could not be checked
BEHIND: Final = 3  # nothing is wrong with what is shown, but it is old, or too few witnesses follow

# code -> exit status, Chinese, English
TEXTS: Final[dict[str, tuple[int, str, str]]] = {
    "unreachable": (UNKNOWN, "无法读取：{why}", "cannot be read: {why}"),
    "unsigned": (CAUGHT, "检查点的签名或格式无效：{why}", "the checkpoint is malformed or not signed by the log: {why}"),
    "smaller": (CAUGHT, "账本变小了：上次 {old} 条，现在 {new} 条", "the log has shrunk: {old} entries last time, {new} now"),
    "forked": (
        CAUGHT,
        "账本与上次看到的（{old} 条）不一致：历史被改写",
        "the log does not continue the {old} entries seen last time: it was rewritten",
    ),
    "cosigned_forked": (
        CAUGHT,
        "最新检查点与见证方联署的（{old} 条）不一致",
        "the newest checkpoint does not continue the {old} entries that witnesses cosigned",
    ),
    "cosigned_split": (
        CAUGHT,
        "最新检查点（{old} 条）不是见证方联署的账本（{new} 条）的开头",
        "the newest checkpoint, of {old} entries, is no beginning of the {new} that witnesses cosigned",
    ),
    "tiles": (UNKNOWN, "存储块与检查点不符，无法核对", "the tiles do not fit the checkpoint, so nothing can be compared"),
    "stale": (BEHIND, "账本 {age} 秒没有新增", "the log has not grown for {age} seconds"),
    "quorum": (BEHIND, "只有 {have} 个见证方联署，需要 {want} 个", "{have} of the witnesses cosigned, {want} are needed"),
    "witnesses_late": (BEHIND, "联署已落后 {age} 秒", "the newest cosigned checkpoint was superseded and is {age} seconds old"),
}


class Memory(msgspec.Struct):
    """What the monitor saw last: the checkpoint's note, and since when (seconds since epoch) it has been the newest."""

    note: str
    since: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to believe, and how old is too old (seconds)."""

    log: Verifier
    witnesses: Sequence[Verifier] = ()
    quorum: int = 0
    max_age: int = 86_400
    witness_age: int = 600


@dataclass(slots=True)
class Report:
    """`problems`: (code, values). `seen`: what to remember; None where nothing good was seen."""

    size: int | None = None
    cosigned: int | None = None
    problems: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    seen: Memory | None = None

    @property
    def status(self) -> int:
        """The worst: a lie before what could not be checked before what is late."""
        found = {TEXTS[code][0] for code, _ in self.problems}
        return next((status for status in (CAUGHT, UNKNOWN, BEHIND) if status in found), WELL)

    def sentences(self, language: str) -> list[str]:
        texts = {code: zh if language == "zh" else en for code, (_, zh, en) in TEXTS.items()}
        return [texts[code].format_map(values) for code, values in self.problems]


class Remote(tree.Reader):
    """Subtree hashes of a log's tree of `size` entries, from its tiles. Raises Unreachable."""

    def __init__(self, url: str, size: int) -> None:
        super().__init__(size)
        self._url = url

    def _read(self, level: int, index: int) -> list[bytes]:
        width = min(WIDTH, (self.size >> BITS * level) - index * WIDTH)
        raw = _get(f"{self._url}/ledger/tile/{published.path_of(Place(level, index, width))}")
        if len(raw) != width * HASH_BYTES:
            raise Unreachable("a tile of the wrong length")
        return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]


def watch(url: str, policy: Policy, last: Memory | None, now: int) -> Report:
    """Look once. `last`: what was seen before; `now` in seconds since epoch."""
    url, report = url.rstrip("/"), Report()
    try:
        _watch(url, policy, last, now, report)
    except Unreachable as error:
        report.problems.append(("unreachable", {"why": error}))
    except NoteError as error:
        report.problems.append(("unsigned", {"why": error}))
    if report.status in {CAUGHT, UNKNOWN}:
        report.seen = None  # what was good last time stays what is compared with
    return report


def _watch(url: str, policy: Policy, last: Memory | None, now: int, report: Report) -> None:
    note = _text(f"{url}/ledger/checkpoint")
    new = checkpoints.verify(note, [policy.log], policy.log.name)
    report.size = new.size
    since = now
    if last is not None:
        old = checkpoints.verify(last.note, [policy.log], policy.log.name)
        since = last.since if old == new else now
        _require_continues(url, old, new, report, "forked")
    report.seen = Memory(note, since)
    if now - since > policy.max_age:
        report.problems.append(("stale", {"age": now - since}))
    if policy.quorum:
        _look_at_witnesses(url, policy, new, now, report)


def _look_at_witnesses(url: str, policy: Policy, new: Checkpoint, now: int, report: Report) -> None:
    try:
        note = _text(f"{url}/ledger/cosigned-checkpoint")
    except Unreachable:
        report.problems.append(("quorum", {"have": 0, "want": policy.quorum}))
        return
    seen = checkpoints.verify(note, [policy.log], policy.log.name)
    times = sorted(cosignatures.times(note, policy.witnesses).values(), reverse=True)
    report.cosigned = seen.size
    if len(times) < policy.quorum:
        report.problems.append(("quorum", {"have": len(times), "want": policy.quorum}))
        return
    if seen.size <= new.size:
        _require_continues(url, seen, new, report, "cosigned_forked")
    else:  # cosigned while we looked, or another history that is kept shorter
        _require_continues(url, new, seen, report, "cosigned_split")
        report.seen = Memory(note, now)  # the log signed this too, and must show as much the next time
    age = now - times[policy.quorum - 1]
    if seen.size < new.size and age > policy.witness_age:
        report.problems.append(("witnesses_late", {"age": age}))


def _require_continues(url: str, old: Checkpoint, new: Checkpoint, report: Report, code: str) -> None:
    if new.size < old.size:
        report.problems.append(("smaller", {"old": old.size, "new": new.size}))
        return
    reader = Remote(url, new.size)
    path = merkle.consistency_proof(old.size, new.size, reader.subtree) if old.size else []
    try:
        if old.size:
            merkle.check_consistency(old.size, new.size, path, old.root, new.root)
    except ProofError:
        honest = old.size == new.size or reader.subtree(0, new.size) == new.root
        report.problems.append((code, {"old": old.size, "new": new.size}) if honest else ("tiles", {}))


def _text(url: str) -> str:
    try:
        return _get(url).decode()
    except UnicodeDecodeError:
        raise NoteError("not text") from None


def _get(url: str) -> bytes:
    answer = outbound.ask(url)
    if answer.status != HTTPStatus.OK:
        raise Unreachable(f"{url} answers {answer.status}")
    return answer.body
