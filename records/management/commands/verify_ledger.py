"""`manage.py verify_ledger`: is everything that was recorded still there, unaltered and signed?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.ledger import checks, signing
from records.ledger.findings import Finding
from records.ledger.full_audit import Totals, check_all
from records.ledger.outside import Outside, check_outside
from records.management.tombstones import replay_tombstones

TEXT = {
    "zh": (
        "{leaves} 条记录，{chains} 条链：{chain_rate:,.0f} 条/秒\n"
        "{contents} 份密文已核对，{destroyed} 份已按规定销毁，{unchecked} 份没有登记位置\n"
        "树：{places} 个位置，{tiles} 个存储块，{checkpoints} 个签名检查点；{pending} 条待入树\n公钥 {public_key}"
    ),
    "en": (
        "{leaves} entries in {chains} chains: {chain_rate:,.0f} entries/s\n"
        "{contents} ciphertexts compared, {destroyed} shredded by tombstones, {unchecked} with no known place\n"
        "Tree: {places} places, {tiles} tiles, {checkpoints} signed checkpoints; {pending} waiting\nPublic key {public_key}"
    ),
}
VERDICT = {
    "zh": ("账本完整。", "账本有 {n} 处问题。第一处：{first}"),
    "en": ("The ledger is intact.", "The ledger has {n} problems. The first: {first}"),
}


# What the database alone cannot show, and what was held against it.
BLIND = {
    "zh": (
        "仅凭数据库看不出：同时掌握数据库和账本私钥的人，可以截去末尾或重写历史，使以上各项仍然一致。",
        "为此对照了：{sources}。",
        "这次没有对照任何数据库以外的记录，因此无法排除。设置见证方（XINQIAO_WITNESSES）并加上 --witnesses。",
    ),
    "en": (
        "Not visible in the database alone: whoever also holds the ledger's key can cut off the end or rewrite the past, and it all fits.",
        "Held against it for that: {sources}.",
        "Nothing outside the database was held against it, so that is not ruled out. Set XINQIAO_WITNESSES, and use --witnesses.",
    ),
}
SOURCE = {
    "zh": {
        "contained": "{source}（{size} 条，都在）",
        "mismatch": "{source}（{size} 条，不符）",
        "absent": "{source}（没有读到）",
    },
    "en": {
        "contained": "{source} ({size} entries, all here)",
        "mismatch": "{source} ({size} entries, which do not match)",
        "absent": "{source} (could not be read)",
    },
}


class Command(BaseCommand):
    requires_system_checks = ()  # a damaged installation must still be verifiable
    help = "Check chains, ciphertexts, tree and signatures. Exit code 1 names the first bad entry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", choices=["zh", "en"], default="zh", help="of the text (default: %(default)s)")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
        parser.add_argument("--no-contents", action="store_true", help="leave out the comparison of ciphertexts")
        parser.add_argument("--witnesses", action="store_true", help="ask the configured witnesses what they remember")
        parser.add_argument("--record", action="store_true", help="write the result into the ledger, for the integrity page")

    def handle(self, *args: Any, **options: Any) -> None:
        back = what_is_back()
        totals = check_all(with_contents=not options["no_contents"] and not back)
        totals.note(*back)
        outside = check_outside(ask=options["witnesses"])
        totals.note(*outside.findings)
        if options["record"]:
            checks.remember(totals)
        self.stdout.write(as_json(totals, outside) if options["json"] else as_text(totals, outside, options["language"]))
        if totals.findings:
            sys.exit(1)


def what_is_back() -> list[Finding]:
    """Destroy again what a restored backup brought back; what cannot go again is a finding, and no reason not to look at the rest."""
    try:
        replay_tombstones()
    except CommandError:
        return [Finding("tombstones.broken")]
    return []


def as_json(totals: Totals, outside: Outside) -> str:
    body = asdict(totals) | {
        "outside": [one._asdict() for one in outside.compared],
        "cosignatures": outside.cosignatures,
        "stamps": outside.stamps,
        "ok": not totals.findings,
        "public_key": str(signing.verifier()),
        "findings": [found.payload() for found in totals.findings],
    }
    return json.dumps(body, ensure_ascii=False, indent=1)


def as_text(totals: Totals, outside: Outside, language: str) -> str:
    rate = totals.leaves / totals.chain_s if totals.chain_s else 0
    body = TEXT[language].format(**asdict(totals), chain_rate=rate, public_key=signing.verifier())
    body = f"{body}\n{what_is_not_seen(outside, language)}"
    good, bad = VERDICT[language]
    if not totals.findings:
        return f"{body}\n{good}"
    listed = "\n".join(f"  {getattr(found, language)}" for found in totals.findings)
    first = getattr(totals.findings[0], language)
    return f"{body}\n{bad.format(n=len(totals.findings), first=first)}\n{listed}"


def what_is_not_seen(outside: Outside, language: str) -> str:
    """Say plainly what this check cannot find by itself, and what was used to find it."""
    blind, compared, nothing = BLIND[language]
    sources = "、" if language == "zh" else "; "
    told = sources.join(SOURCE[language][one.state].format(source=one.source, size=one.size) for one in outside.compared)
    rest = compared.format(sources=told) if outside.memories else nothing
    return f"{blind}\n{rest}"
