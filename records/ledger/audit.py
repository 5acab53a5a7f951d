"""Whether one chain stands: what the integrity badge of a case says, check by check, in words."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from records.ledger import checkpoints, contents, merkle, signing, tree
from records.ledger.findings import Finding
from records.ledger.inspection import Inspector, LeafRow
from records.ledger.leaves import parse_raw
from records.ledger.models import Chain, Checkpoint, Leaf, TreeEntry
from records.ledger.notes import NoteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from records.ledger.leaves import RawLeaf

CLOSED: Final = "consultation.closed"
REOPENED: Final = "consultation.reopened"
COLUMNS: Final = ("id", "chain_id", "seq", "kind", "at", "data", "hash")


class Check(NamedTuple):
    """One thing that was checked. `ok` is None where it could not be (yet)."""

    name: str
    ok: bool | None
    zh: str
    en: str


@dataclass(slots=True)
class Report:
    """What the checks of one chain found. `state`: verified, pending, mismatch or unknown."""

    entries: int = 0
    first_at: int | None = None  # ms since epoch
    last_at: int | None = None
    checks: list[Check] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    destroyed: dict[int, int] = field(default_factory=dict)  # sequence -> tombstone that accounts for its content

    @property
    def state(self) -> str:
        if self.findings:
            return "mismatch"
        if not self.entries:
            return "unknown"
        return "verified" if all(check.ok for check in self.checks) else "pending"

    @property
    def sentence(self) -> dict[str, str]:
        zh, en = _SENTENCES[self.state]
        first = self.findings[0] if self.findings else None
        values = {"n": self.entries, "zh": first.zh if first else "", "en": first.en if first else ""}
        return {"zh": zh.format(**values), "en": en.format(**values)}

    def payload(self) -> dict[str, Any]:
        """The `Integrity` object of the REST contract."""
        newest = self.checkpoint
        return {
            "state": self.state,
            "sentence": self.sentence,
            "checked": [check._asdict() for check in self.checks],
            "entries": self.entries,
            "from": iso(self.first_at),
            "to": iso(self.last_at),
            "checkpoint": newest and {"size": newest.size, "at": iso(newest.at), "root": bytes(newest.root).hex()},
        }


_SENTENCES: Final = {
    "verified": (
        "已核验：{n} 条记录按顺序完整，密文未被改动，全部在已签名的账本中。",
        "Verified: all {n} entries are in order and unaltered, and all are in the signed ledger.",
    ),
    "pending": (
        "{n} 条记录按顺序完整、未被改动；最新的部分正在写入已签名的账本。",
        "All {n} entries are in order and unaltered; the newest are still being added to the signed ledger.",
    ),
    "mismatch": ("核验未通过：{zh}。", "Verification failed: {en}."),
    "unknown": ("没有可核验的记录。", "There are no entries to verify."),
}


def check_chain(chain_id: UUID, *, compare: bool = True) -> Report:
    """Check one chain from its first leaf to its last. Reads all of it: meant for one case, not for lists. `compare`: also every
    ciphertext with its leaf, recordings included."""
    chain = Chain.objects.filter(id=chain_id).first()
    # Only what the chain's row, read first, says is there: leaves that are added meanwhile are not looked at.
    rows = list(rows_of(chain_id, chain.last_seq)) if chain else []
    report = Report(len(rows))
    if chain is None or not chain.last_seq:
        return report
    if not rows:
        report.findings.append(Finding("chain.head", chain_id.hex, chain.last_seq))
        return report
    report.first_at, report.last_at = rows[0].at, rows[-1].at
    _check_links(report, rows, bytes(chain.head), chain.last_seq)
    if compare:
        _check_contents(report, rows)
    _check_tree(report, rows)
    return report


def rows_of(chain_id: UUID, last_seq: int) -> Iterable[LeafRow]:
    for row in Leaf.objects.filter(chain_id=chain_id, seq__lte=last_seq).order_by("seq").values_list(*COLUMNS).iterator(2000):
        yield LeafRow(row[0], row[1].hex, row[2], row[3], row[4], bytes(row[5]), bytes(row[6]))


class Compared(NamedTuple):
    """`compared`: how many ciphertexts were; `unknown`: how many have no loader; `destroyed`: sequence -> tombstone, of those that are
    gone by right. Leaves of several chains may share a sequence there."""

    findings: list[Finding]
    compared: int
    unknown: int
    destroyed: list[tuple[int, int]]


def content_findings(rows: Sequence[LeafRow]) -> Compared:
    """Compare ciphertexts with the hashes that leaves recorded, and what the rows around them say with what the leaves do."""
    wanted: dict[Any, list[tuple[LeafRow, RawLeaf]]] = defaultdict(list)
    for row in rows:
        leaf = parse_raw(row.data)
        if leaf.content is not None:
            wanted[contents.loader_of(row.kind)].append((row, leaf))
    unknown = len(wanted.pop(None, ()))
    failed = [found for loader, group in wanted.items() for found in _compare(loader, group)]
    excused = contents.destroyed([row for _, row, gone in failed if gone])
    findings = [found for found, row, gone in failed if not gone or (row.chain, row.seq) not in excused]
    compared = sum(map(len, wanted.values())) - len(excused)
    return Compared(findings, compared, unknown, [(seq, number) for (_, seq), number in excused.items()])


def closing_findings(rows: Iterable[LeafRow]) -> list[Finding]:
    """A consultation closed twice, with no reopening in between, has two last entries: one is a lie."""
    findings, closed = [], set[str]()
    for row in rows:
        if row.kind == CLOSED and row.chain in closed:
            findings.append(Finding("chain.closed_twice", row.chain, row.seq, row.id))
        elif row.kind == CLOSED:
            closed.add(row.chain)
        elif row.kind == REOPENED:
            closed.discard(row.chain)
    return findings


def signature_finding(checkpoint: Checkpoint) -> Finding | None:
    """Whether this server's key signed exactly what the row says."""
    try:
        signed = checkpoints.verify(checkpoint.note, [signing.verifier()], signing.origin())
    except NoteError:
        return Finding("checkpoint.signature", place=checkpoint.size)
    same = (signed.size, signed.root) == (checkpoint.size, bytes(checkpoint.root))
    return None if same else Finding("checkpoint.signature", place=checkpoint.size)


def iso(at: int | None) -> str | None:
    return (
        None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _check_links(report: Report, rows: Sequence[LeafRow], head: bytes, last_seq: int) -> None:
    inspector = Inspector()
    for row in rows:
        inspector.admit(row)
    findings = list(inspector.findings)
    if not findings and (rows[-1].seq, rows[-1].hash) != (last_seq, head):
        findings.append(Finding("chain.head", rows[-1].chain, rows[-1].seq, rows[-1].id))
    findings += closing_findings(rows)
    report.findings += findings
    zh, en = f"{len(rows)} 条记录首尾相连，没有缺号", f"{len(rows)} entries follow each other without a gap"
    report.checks.append(Check("chain", not findings, zh, en))


def _check_contents(report: Report, rows: Sequence[LeafRow]) -> None:
    if report.findings:
        report.checks.append(Check("content", None, "链断开，未核对密文", "not compared, because the chain is broken"))
        return
    findings, compared, unknown, destroyed = content_findings(rows)
    report.findings += findings
    report.destroyed = dict(destroyed)
    zh, en = f"{compared} 份密文与记录时一致", f"{compared} ciphertexts are those that were recorded"
    if destroyed:
        numbers = ", ".join(f"#{number}" for number in sorted({number for _, number in destroyed}))
        zh = f"{zh}；{len(destroyed)} 份已按规定销毁（销毁记录 {numbers}）"
        en = f"{en}; {len(destroyed)} were shredded under destruction record {numbers}"
    if unknown:
        zh, en = f"{zh}；{unknown} 份未核对", f"{en}; {unknown} were not compared"
    report.checks.append(Check("content", not findings and not unknown, zh, en))


def _check_tree(report: Report, rows: Sequence[LeafRow]) -> None:
    newest = report.checkpoint = tree.latest()
    if newest is None:
        report.checks.append(Check("tree", None, "正在等待写入账本", "waiting to be added to the ledger"))
        return
    missing = _unproven(report, rows, newest)
    zh, en = f"全部在检查点 {newest.size} 的账本中", f"all are in the ledger under checkpoint {newest.size}"
    if missing:
        zh, en = f"{missing} 条正在写入账本", f"{missing} are still being added to the ledger"
    wrong = any(found.code.startswith("tree.") for found in report.findings)
    report.checks.append(Check("tree", False if wrong else not missing or None, zh, en))
    unsigned = signature_finding(newest)
    report.findings += [unsigned] if unsigned else []
    zh, en = f"检查点 {newest.size} 的签名有效", f"the signature of checkpoint {newest.size} is valid"
    report.checks.append(Check("signature", unsigned is None, zh, en))


def _unproven(report: Report, rows: Sequence[LeafRow], newest: Checkpoint) -> int:
    """Prove every leaf under the checkpoint; return how many have no place yet."""
    chain_id = Leaf.objects.values_list("chain_id", flat=True).get(id=rows[0].id)
    places = dict(TreeEntry.objects.filter(leaf__chain_id=chain_id, index__lt=newest.size).values_list("leaf_id", "index"))
    reader, root = tree.Reader(newest.size), bytes(newest.root)
    for row in rows:
        index = places.get(row.id)
        if index is None:
            continue
        try:
            path = merkle.inclusion_proof(index, newest.size, reader.subtree)
            merkle.check_inclusion(row.hash, index, newest.size, path, root)
        except merkle.ProofError:
            report.findings.append(Finding("tree.proof", row.chain, row.seq, row.id, index))
            break
    return sum(row.id not in places for row in rows)


def _compare(loader: contents.Loader, group: Sequence[tuple[LeafRow, RawLeaf]]) -> Iterable[tuple[Finding, LeafRow, bool]]:
    """What is wrong, and whether the content is gone (a recording's manifest without its files is another manifest)."""
    found = loader([row for row, _ in group])
    for row, leaf in group:
        stored = found.get((row.chain, row.seq))
        if stored is None:
            yield Finding("content.missing", row.chain, row.seq, row.id), row, True
            continue
        if hashlib.sha256(stored.content).hexdigest() != leaf.content:
            gone = not stored.content or row.kind.startswith("recording.")
            yield Finding("content.changed", row.chain, row.seq, row.id), row, gone
        if not stored.agrees(leaf):
            yield Finding("content.columns", row.chain, row.seq, row.id), row, False
