"""`manage.py rotate_keys`: a new version of the key-encrypting key, and every data key wrapped with it.

Interrupted, it goes on where it stopped when run again: a rotation is finished when all rows are under the current version and its
leaf stands in the system's chain.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from records.ledger import signing
from records.ledger.chains import now_ms
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.ledger.system import SYSTEM_CHAIN, extend_system
from records.management.tombstones import replay_tombstones
from records.vault import KeyringError, rotation, sealing, unlock

ROTATED = "key.rotated"
RETIRED = "key.retired"


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Rotate the key-encrypting key, or finish a rotation that was interrupted. Content is never encrypted again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--create", action="store_true", help="make the key files of a new deployment, where there are none")
        what.add_argument("--retire", type=int, metavar="VERSION", help="destroy an old version that no data key uses")
        what.add_argument("--status", action="store_true", help="say how many data keys use which version")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["create"]:
                return self.create()
            unlock()  # a keyring that does not open is to be said before anything else
            replay_tombstones()  # a key that a restore brought back is destroyed again, not wrapped again
            if options["status"]:
                return self.status()
            if options["retire"] is not None:
                return self.retire(options["retire"])
            return self.rotate()
        except KeyringError as error:
            raise CommandError(str(error)) from error

    def create(self) -> None:
        sealing.create_keys()
        signing.create()
        kept = Path(settings.XINQIAO_KEYFILE).parent if "file" in settings.XINQIAO_KEYRING else settings.XINQIAO_KEYRING
        self.stdout.write(f"Keys in {kept}: back them up apart from the database.")
        self.stdout.write(f"Deployment {sealing.deployment()}")
        self.stdout.write(f"Log {signing.verifier()}")

    def status(self) -> None:
        _, current = rotation.current()
        for version, keys in sorted(rotation.versions().items()):
            self.stdout.write(f"version {version}: {keys} data keys{' (current)' if version == current else ''}")
        for name, keys in rotation.elsewhere().items():
            self.stdout.write(f"{name}: {keys} data keys to be moved: run rotate_keys")
        self.stdout.write(f"deployment {sealing.deployment()}")

    def rotate(self) -> None:
        name, current = rotation.current()
        if not unfinished(name, current):
            current = rotation.begin()
        done, broken = rotation.rewrap_all(self.progress)
        if broken:
            raise CommandError(f"These data keys are damaged and were left as they are: {', '.join(map(str, broken))}")
        if left := rotation.remaining():
            raise CommandError(f"{left} data keys are not under version {current}: run the command again.")
        note(ROTATED, name, current, keys=done)
        self.stdout.write(f"{name} is at version {current}. Old versions: rotate_keys --status, then --retire.")

    def progress(self, done: int) -> None:
        self.stdout.write(f"{done} data keys")
        self.stdout.flush()

    def retire(self, version: int) -> None:
        name, current = rotation.current()
        if version == current:
            raise CommandError("The current version cannot be retired: rotate first.")
        rotation.retire(version, now_ms())
        note(RETIRED, name, version)
        self.stdout.write(f"{name} version {version} is destroyed.")


def unfinished(name: str, version: int) -> bool:
    """Whether the current version is that of a rotation which did not end: stale rows, or no leaf that says it was done."""
    return rotation.remaining() > 0 or (version > 1 and not noted(name, version))


def noted(name: str, version: int) -> bool:
    leaves = Leaf.objects.filter(chain_id=SYSTEM_CHAIN, kind=ROTATED).order_by("-seq").values_list("data", flat=True)
    wanted = {"kek": name, "version": str(version)}
    return any(parse(bytes(data)).ids.items() >= wanted.items() for data in leaves.iterator())


def note(kind: str, name: str, version: int, **more: int) -> None:
    ids = {"kek": name, "version": str(version), **{key: str(value) for key, value in more.items()}}
    with transaction.atomic(), extend_system() as system:
        system.add(kind, actor=None, ids=ids)
