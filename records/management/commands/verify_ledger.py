"""`manage.py verify_ledger`: is everything that was recorded still there, unaltered and signed?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from records.ledger import signing
from records.ledger.full_audit import Totals, check_all
from records.ledger.system import extend_system

TEXT = {
    "zh": (
        "{leaves} 条记录，{chains} 条链：{chain_rate:,.0f} 条/秒\n{contents} 份密文已核对，{unchecked} 份没有登记位置\n"
        "树：{places} 个位置，{tiles} 个存储块，{checkpoints} 个签名检查点；{pending} 条待入树\n公钥 {public_key}"
    ),
    "en": (
        "{leaves} entries in {chains} chains: {chain_rate:,.0f} entries/s\n{contents} ciphertexts compared, {unchecked} with no known"
        " place\nTree: {places} places, {tiles} tiles, {checkpoints} signed checkpoints; {pending} waiting\nPublic key {public_key}"
    ),
}
VERDICT = {
    "zh": ("账本完整。", "账本有 {n} 处问题。第一处：{first}"),
    "en": ("The ledger is intact.", "The ledger has {n} problems. The first: {first}"),
}


class Command(BaseCommand):
    requires_system_checks = ()  # a damaged installation must still be verifiable
    help = "Check chains, ciphertexts, tree and signatures. Exit code 1 names the first bad entry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", choices=["zh", "en"], default="zh", help="of the text (default: %(default)s)")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
        parser.add_argument("--no-contents", action="store_true", help="leave out the comparison of ciphertexts")
        parser.add_argument("--record", action="store_true", help="write the result into the ledger, for the integrity page")

    def handle(self, *args: Any, **options: Any) -> None:
        totals = check_all(with_contents=not options["no_contents"])
        if options["record"]:
            record(totals)
        self.stdout.write(as_json(totals) if options["json"] else as_text(totals, options["language"]))
        if totals.findings:
            sys.exit(1)


def record(totals: Totals) -> None:
    """Write a leaf that says when the whole ledger was checked, and with what result."""
    ids = {"entries": str(totals.leaves), "problems": str(len(totals.findings))}
    with transaction.atomic(), extend_system() as system:
        system.add("ledger.checked", actor=None, ids=ids)


def as_json(totals: Totals) -> str:
    body = asdict(totals) | {
        "ok": not totals.findings,
        "public_key": str(signing.verifier()),
        "findings": [found.payload() for found in totals.findings],
    }
    return json.dumps(body, ensure_ascii=False, indent=1)


def as_text(totals: Totals, language: str) -> str:
    rate = totals.leaves / totals.chain_s if totals.chain_s else 0
    body = TEXT[language].format(**asdict(totals), chain_rate=rate, public_key=signing.verifier())
    good, bad = VERDICT[language]
    if not totals.findings:
        return f"{body}\n{good}"
    listed = "\n".join(f"  {getattr(found, language)}" for found in totals.findings)
    first = getattr(totals.findings[0], language)
    return f"{body}\n{bad.format(n=len(totals.findings), first=first)}\n{listed}"
