"""A log in memory, and a real witness for tests: a server on a port of its own, with a key and a directory of its own."""

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from records.ledger import checkpoints, merkle
from records.ledger.notes import COSIGNATURE, Signer, Verifier
from records.ledger.witness import RefusedCheckpoint, Witness, request_body
from records.ledger.witness_server import WitnessServer

NAME = "witness.test/w1"
WHEN = 1_700_000_000


class Log:
    """A log that grows by a leaf for each letter; `signed` and `proof` are what an honest one would send."""

    def __init__(self, leaves: str = "", name: str = "xinqiao.test/ledger", seed: bytes | None = None) -> None:
        self.signer = Signer(name, seed or secrets.token_bytes(32))
        self.hashes = [merkle.node_hash(letter.encode(), b"") for letter in leaves]

    def root(self, start: int, end: int) -> bytes:
        return merkle.root(self.hashes[start:end])

    def signed(self, size: int) -> str:
        return checkpoints.sign(size, self.root(0, size), self.signer)

    def proof(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_proof(old, new, self.root) if old else []

    def body(self, old: int, new: int) -> bytes:
        return request_body(old, self.proof(old, new), self.signed(new))


def witness(state: Path, *logs: Log, key: Signer | None = None) -> Witness:
    signer = key or Signer(NAME, secrets.token_bytes(32), COSIGNATURE)
    return Witness(signer, state, [log.signer.verifier for log in logs], clock=lambda: WHEN)


def status(asked: Witness, body: bytes) -> int:
    """200, or the status of the refusal."""
    try:
        asked.add_checkpoint(body)
    except RefusedCheckpoint as refused:
        return refused.status
    return 200


@contextmanager
def running(state: Path, *logs: Verifier) -> Iterator[tuple[WitnessServer, Witness]]:
    """A witness that answers at `server.url`."""
    made = Witness(Signer(NAME, secrets.token_bytes(32), COSIGNATURE), state, logs)
    with WitnessServer("127.0.0.1", 0, made) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server, made
        finally:
            server.shutdown()
            thread.join()
            made.close()


def encoded(node: bytes) -> str:
    return base64.b64encode(node).decode()
