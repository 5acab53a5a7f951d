"""`manage.py witness`: cosign another deployment's checkpoints, with a key and a memory of this process's own.

    manage.py witness --create witness.example.org/xinqiao --key witness.key
    manage.py witness --key witness.key --state /var/lib/xinqiao-witness --log "xinqiao....+id+base64" --listen 127.0.0.1:8480

It opens neither the database nor the vault; it is meant for another machine than the log's (docs/operations.md).
"""

from __future__ import annotations

import secrets
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records.ledger import notes
from records.ledger.notes import COSIGNATURE, ED25519, NoteError, Signer, Verifier
from records.ledger.witness import NOTHING, StateBroken, Witness
from records.ledger.witness_server import WitnessServer
from records.management.commands.sequence import stop_on_signal
from records.vault import KeyringError, private_files


class Command(BaseCommand):
    requires_system_checks = ()  # nothing of the log's configuration is used
    help = "Cosign the checkpoints of other logs (C2SP tlog-witness)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--key", type=Path, required=True, help="this witness's private key, mode 0600")
        parser.add_argument(
            "--create", metavar="NAME", help="make the key under this name (like a URL without scheme), then end"
        )
        parser.add_argument("--state", type=Path, help="directory of what was cosigned; never restore it from a backup")
        parser.add_argument(
            "--log", action="append", default=[], help="public key of a log to watch, as its operator publishes it"
        )
        parser.add_argument("--listen", default="127.0.0.1:8480", help="address and port (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["create"]:
                self._create(options["key"], options["create"])
            else:
                self._serve(options)
        except (KeyringError, NoteError, StateBroken, OSError, ValueError) as error:
            raise CommandError(f"The witness does not start: {error}") from error

    def _create(self, key: Path, name: str) -> None:
        if key.exists():
            raise CommandError(f"{key} exists.")
        private_files.create(key, notes.private_key(name, secrets.token_bytes(notes.SEED_BYTES), COSIGNATURE).encode())
        self.stdout.write(f"Witness {_signer(key).verifier}")

    def _serve(self, options: dict[str, Any]) -> None:
        if options["state"] is None or not options["log"]:
            raise CommandError("--state and at least one --log are needed.")
        logs = [_log(text) for text in options["log"]]
        witness = Witness(_signer(options["key"]), options["state"], logs)
        host, _, port = options["listen"].rpartition(":")
        with WitnessServer(host.strip("[]"), int(port), witness) as server:
            self.stdout.write(f"Witness {witness.signer.verifier} on {server.url}")
            for name, known in witness.known.items():
                self.stdout.write(f"{name}: " + ("nothing seen yet" if known == NOTHING else f"{known.size} entries seen"))
            self.stdout.flush()
            stop = stop_on_signal()
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stop.wait()
            server.shutdown()
        witness.close()


def _signer(key: Path) -> Signer:
    signer = notes.parse_signer(private_files.read(key)[0].decode())
    if signer.verifier.algorithm != COSIGNATURE:
        raise NoteError(f"{key} is not the key of a witness")
    return signer


def _log(text: str) -> Verifier:
    log = notes.parse_verifier(text)
    if log.algorithm != ED25519:
        raise NoteError(f"{log.name} is not the key of a log")
    return log
