"""What evidence costs: a process on a hospital of its own that reads one `EvidenceTask` and prints one `Evidence`.

Floors, on the same bytes in the same process: one SHA-256 for each leaf, read from the database as the check reads them; one SHA-256
over the whole pack; for messages an INSERT of their words in clear, as many a commit.
"""

from __future__ import annotations

import sys
from importlib import import_module

import django
import msgspec


class EvidenceTask(msgspec.Struct):
    leaves: int
    entries: int  # of the case that is packed


class Evidence(msgspec.Struct):
    """Microseconds a message or leaf, milliseconds a pack. `receipt_us`: of `message_us`; `start_ms`: of the verifier's process before it
    opens anything."""

    messages: int  # of one commit
    message_us: float
    receipt_us: float
    insert_us: float
    leaves: int
    sequence_us: float
    check_us: float
    floor_us: float
    entries: int
    pack_bytes: int
    build_ms: float
    verify_ms: float
    start_ms: float
    hash_ms: float


if __name__ == "__main__":
    django.setup()
    work = import_module("bench.evidence_work")  # its imports need the settings
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=EvidenceTask)
    sys.stdout.buffer.write(msgspec.json.encode(work.measure(task)))
