"""The printed form of a pack: every page carries the code by which it is checked against the pack, every line its entry's hash.

Nothing is proven by paper alone. `page` is pure; `pdf` sets it in a process that can load, write and reach nothing (typeset.py).
"""

from __future__ import annotations

import subprocess
import sys
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import segno

from records.ledger import checkpoints, notes, signing
from records.ledger.audit import iso
from records.ledger.leaves import leaf_hash
from records.pack import codes
from records.pack.report import both, facts, rows
from records.pack.template import CASE, PAGE, SPOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from records.pack.parts import CasePart, Pack, Spoken

TYPESETTER: Final = Path(__file__).with_name("typeset.py")
SECONDS: Final = 300
MAX_LINES: Final = 5_000  # about 250 pages; a longer case is read on the screen
SHOWN: Final = 16  # letters of a hash: enough to find the entry, the code stands for all of it
PACKAGES: Final = ("weasyprint",)
ROLES: Final = {
    "case": "咨询 · consultation",
    "side": "内部讨论 · discussion among staff",
    "chart": "病历 · chart",
    "grant": "授权与查阅 · grant and readings",
    "system": "系统 · system",
}


class NotPrinted(Exception):
    """The form cannot be made; the message says why: unavailable, too long, failed."""


class Code(NamedTuple):
    """What leads from a page to the pack."""

    long: str
    short: str


def available() -> bool:
    """Whether the packages of the extra `print` are installed."""
    return all(find_spec(name) for name in PACKAGES)


def code_of(pack: Pack, manifest: str) -> Code:
    """`manifest`: SHA-256 of the payload manifest, hex."""
    tree = checkpoints.parse(notes.parse(pack.checkpoint).text)
    code = codes.long_code(pack.id, manifest, tree.size, tree.root)
    return Code(code, codes.short_code(code))


def form(pack: Pack, manifest: str) -> bytes:
    """The printed form as PDF. Raises NotPrinted."""
    if not available():
        raise NotPrinted("unavailable")
    if len(pack.lines) + sum(len(said.sentences) for said in pack.spoken) + len(pack.access) > MAX_LINES:
        raise NotPrinted("too long")
    return pdf(page(pack, code_of(pack, manifest)))


def pdf(html: str) -> bytes:
    """Set a page. Raises NotPrinted when it is not set within SECONDS, or refers to anything outside itself."""
    command = [sys.executable, "-I", str(TYPESETTER)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            command, input=html.encode(), capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise NotPrinted("failed") from None
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise NotPrinted("failed")
    return done.stdout


def page(pack: Pack, code: Code) -> str:
    """Every word of it that came from people is escaped."""
    hashes = {(chain.id, entry.seq): leaf_hash(entry.data).hex() for chain in pack.chains for entry in chain.entries}
    return PAGE.substitute(
        title=escape(f"{pack.hospital['zh']} · {pack.hospital['en']}"),
        number=escape(pack.number),
        code=square(code.long),
        short=code.short,
        long=code.long,
        facts=rows(facts(pack)),
        cases="".join(_case(pack, case, hashes) for case in pack.cases),
        access=rows(_access(pack, hashes)),
        people=rows((x.name, both(x.role), str(x.id)) for x in pack.people),
        chains=rows(_chains(pack)),
        ledger=rows(_ledger(pack)),
    )


def square(text: str) -> str:
    """A QR code as an inline picture."""
    drawn: str = segno.make(text, error="m").svg_inline(border=2, dark="#000", light="#fff", omitsize=True)
    return drawn


def _case(pack: Pack, case: CasePart, hashes: Mapping[tuple[UUID, int], str]) -> str:
    found = [x for x in pack.lines if x.case == case.id]
    lines = ((str(x.seq), time(x.at), x.who, both(x.kind), x.text, hashes.get((x.chain, x.seq), "")[:SHOWN]) for x in found)
    spoken = "".join(_spoken(said, hashes) for said in pack.spoken if said.case == case.id)
    return CASE.substitute(number=escape(case.number), id=case.id, lines=rows(lines), spoken=spoken)


def _spoken(said: Spoken, hashes: Mapping[tuple[UUID, int], str]) -> str:
    author = said.author or "机器转写 · by a machine"
    about = f"{time(said.recorded_at)} · 版本 · version {said.version} · {author} · {hashes.get((said.chain, said.seq), '')[:SHOWN]}"
    sentences = ((clock(one.start), one.speaker, one.text) for one in said.sentences)
    return SPOKEN.substitute(about=escape(about), sentences=rows(sentences))


def _access(pack: Pack, hashes: Mapping[tuple[UUID, int], str]) -> Iterator[tuple[str, ...]]:
    for x in pack.access:
        proof = hashes.get((x.chain, x.seq or 0), "")[:SHOWN] if x.chain else ""
        yield time(x.at), x.who, both(x.action), proof or "仅为陈述 · stated"


def _chains(pack: Pack) -> Iterator[tuple[str, ...]]:
    for chain in pack.chains:
        waiting = sum(entry.index is None for entry in chain.entries)
        places = [entry.index for entry in chain.entries if entry.index is not None]
        head = leaf_hash(chain.entries[-1].data).hex() if chain.entries else ""
        signed = f"{min(places)}–{max(places)}" if places else "—"
        more = f"（{waiting} 条未签名 · {waiting} not yet signed）" if waiting else ""
        yield ROLES.get(chain.role, chain.role), str(chain.id), f"{len(chain.entries)}{more}", signed, head


def _ledger(pack: Pack) -> Iterable[tuple[str, str]]:
    note = notes.parse(pack.checkpoint)
    tree = checkpoints.parse(note.text)
    yield "条目数 · Entries", str(tree.size)
    yield "根哈希 · Root", tree.root.hex()
    witnesses = [signature.name for signature in note.signatures if signature.name != signing.verifier().name]
    yield "见证人联署 · Witnesses", "、".join(witnesses) or "无 · none"
    yield "账本公钥 · Public key", str(signing.verifier())


def time(at: int) -> str:
    """2026-11-21 14:02:03, in UTC."""
    return str(iso(at))[:19].replace("T", " ")


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
