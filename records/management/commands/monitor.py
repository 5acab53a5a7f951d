"""`manage.py monitor URL`: watch a ledger from outside, over HTTP alone. For cron, on any machine; exit codes as below."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from records.ledger import monitoring, notes
from records.ledger.monitoring import Memory, Policy, Report
from records.ledger.notes import NoteError
from records.vault import KeyringError, private_files

CODES = """exit codes:
  0  signed, continues what was seen last time, goes on, witnessed as wanted
  1  CAUGHT: not signed, smaller than before, or rewritten. Keep the state file: it is evidence
  2  could not be checked (no answer, tiles missing, or this command was called wrongly)
  3  what is shown is right, but old, or too few witnesses follow"""
TEXT = {
    "zh": ("账本 {size} 条", "，见证方联署 {cosigned} 条", "正常"),
    "en": ("{size} entries", ", {cosigned} of them cosigned", "well"),
}


class Command(BaseCommand):
    requires_system_checks = ()  # nothing of this deployment is used
    help = "Watch a ledger over HTTP: signature, consistency with what was seen last, freshness, witnesses."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, epilog=CODES, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="of the server, without /ledger")
        parser.add_argument("--key", required=True, help="the log's public key, as its operator publishes it")
        parser.add_argument("--state", type=Path, required=True, help="file that remembers what was seen last")
        parser.add_argument("--witness", action="append", default=[], help="public key of a witness that is believed")
        parser.add_argument("--quorum", type=int, help="how many of them must have cosigned (default: all)")
        parser.add_argument("--max-age", type=int, default=86_400, help="seconds without a new entry that are too many")
        parser.add_argument("--witness-age", type=int, default=600, help="seconds that witnesses may lag behind")
        parser.add_argument("--language", choices=["zh", "en"], default="zh", help="of the text (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            policy, last = _policy(options), _remembered(options["state"])
        except (NoteError, KeyringError, msgspec.DecodeError) as error:
            raise CommandError(f"The monitor does not start: {error}", returncode=monitoring.UNKNOWN) from error
        report = monitoring.watch(options["url"], policy, last, int(time.time()))
        if report.seen is not None:
            private_files.replace(options["state"], msgspec.json.encode(report.seen))
        self.stdout.write(_told(report, options["language"]))
        if report.status:
            sys.exit(report.status)


def _policy(options: dict[str, Any]) -> Policy:
    witnesses = [notes.parse_verifier(text) for text in options["witness"]]
    if any(witness.algorithm != notes.COSIGNATURE for witness in witnesses):
        raise NoteError("a key given as --witness is not a witness's")
    quorum = len(witnesses) if options["quorum"] is None else options["quorum"]
    return Policy(notes.parse_verifier(options["key"]), witnesses, quorum, options["max_age"], options["witness_age"])


def _remembered(state: Path) -> Memory | None:
    return msgspec.json.decode(private_files.read(state)[0], type=Memory) if state.exists() else None


def _told(report: Report, language: str) -> str:
    size, cosigned, well = TEXT[language]
    lines = report.sentences(language) or [well]
    if report.size is not None:
        shown = size.format(size=report.size) + (cosigned.format(cosigned=report.cosigned) if report.cosigned else "")
        lines = [shown, *lines]
    return "\n".join(lines)
