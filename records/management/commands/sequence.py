"""`manage.py sequence`: give committed entries their place in the signed tree, until told to stop (production)."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.ledger import sequencer, signing, witnessing
from records.ledger.memory import LogForked
from records.ledger.tree import TreeBroken
from records.management.tombstones import replay_tombstones
from records.vault import KeyringError


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Sequence the ledger and show it to its witnesses. Several may run: one works, the others stand by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="sequence what waits now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            replay_tombstones()
            self.stdout.write(f"Log {signing.verifier()}")
            self.stdout.flush()
            if options["once"]:
                self.stdout.write(f"{sequencer.Sequencer().drain()} entries sequenced")
                return
            stop = stop_on_signal()
            witnessing.start(stop)
            sequencer.run_forever(stop)
        except (KeyringError, LogForked, TreeBroken) as error:
            raise CommandError(f"The ledger is not being signed: {error}") from error


def stop_on_signal() -> threading.Event:
    stop = threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    return stop
