"""`manage.py retention`: what is due, and destroying what somebody confirmed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.errors import Refused
from records.management.tombstones import replay_tombstones
from records.retention import requests, runs


class Command(BaseCommand):
    help = "Show what is due (--dry-run), confirm exactly that (--confirm DIGEST), and destroy what was confirmed (--run)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--dry-run", action="store_true", help="name every key that a run would destroy, and change nothing")
        what.add_argument("--confirm", metavar="DIGEST", help="let the next run destroy what the preview of this digest named")
        what.add_argument("--run", action="store_true", help="destroy now what was confirmed; interrupted, run it again")
        what.add_argument("--replay", action="store_true", help="after a restore: destroy again what came back")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.work(options)
        except Refused as refused:
            raise CommandError(refused.kind.en) from refused

    def work(self, options: dict[str, Any]) -> None:
        replayed = replay_tombstones()
        if options["replay"]:
            self.stdout.write(f"{replayed} keys had come back and are destroyed again")
        if options["dry_run"]:
            self.preview()
        if options["confirm"]:
            run = runs.begin(options["confirm"], None)
            self.stdout.write(f"{run.items.count()} keys will be destroyed by the next run")
        if options["run"]:
            requested, done = requests.work(), runs.work()
            self.stdout.write(f"{done.shredded} destroyed, {done.spared} spared; {requested} requests of patients carried out")

    def preview(self) -> None:
        found = runs.preview()
        for fate in found.fates:
            holding = fate.holding
            self.stdout.write(f"{holding.key} {holding.retention} {holding.label} {holding.scope}")
        self.stdout.write(f"{len(found.fates)} keys are due. Digest {found.digest}")
