"""Shows the newest checkpoint to every configured witness and keeps what they answer. One thread a witness.

Signing never waits for a witness, and a message even less: what is signed is in the table, and is shown when a witness can be reached.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from records.ledger import cosignatures, merkle, notes, outbound, tree
from records.ledger.chains import now_ms
from records.ledger.models import Checkpoint
from records.ledger.notes import COSIGNATURE, NoteError
from records.ledger.outbound import Unreachable
from records.ledger.witness import SIZE_TYPE, request_body

if TYPE_CHECKING:
    from records.ledger.notes import Verifier

log = structlog.get_logger(__name__)

LATE_MS: Final = 10 * 60_000  # a checkpoint that waits longer for a witness is worth a look
MAX_PAUSE_S: Final = 300.0


class Address(NamedTuple):
    """Where a witness answers, and the key it signs with."""

    url: str
    verifier: Verifier


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a witness has followed. `size` and `at` (ms since epoch) of its newest cosignature; None: it never answered."""

    name: str
    size: int | None
    at: int | None
    late: bool


class WitnessObjects(Exception):
    """The witness does not accept our log: it has seen another history, or does not know our key."""


def configured() -> list[Address]:
    """XINQIAO_WITNESSES: `URL KEY`, separated by commas. Raises ImproperlyConfigured."""
    return [_address(text) for text in settings.XINQIAO_WITNESSES]


def standings() -> list[Standing]:
    return [_standing(address.verifier.name) for address in configured()]


def submit(witness: Address, newest: Checkpoint) -> None:
    """Show a checkpoint and keep the cosignature. Raises Unreachable, WitnessObjects, NoteError, DatabaseError."""
    known = cosignatures.newest_of(witness.verifier.name)
    size = known.checkpoint_id if known else 0
    answer = _show(witness, newest, size)
    if answer.status == HTTPStatus.CONFLICT and answer.kind == SIZE_TYPE:  # it cosigned what we did not get to keep
        answer = _show(witness, newest, _size(answer.body))
    if answer.status != HTTPStatus.OK:
        raise WitnessObjects(f"{answer.status} {answer.body[:200].decode(errors='replace').strip()}")
    try:
        with transaction.atomic():
            cosignatures.keep(newest, answer.body.decode(), witness.verifier)
    except UnicodeDecodeError:
        raise NoteError("the answer is no text") from None


def start(stop: threading.Event) -> list[threading.Thread]:
    """Start following; the threads end when `stop` is set."""
    threads = [
        threading.Thread(target=follow, args=(w, stop), name=f"witness:{w.verifier.name}", daemon=True) for w in configured()
    ]
    for thread in threads:
        thread.start()
    return threads


def follow(witness: Address, stop: threading.Event) -> None:
    """Show the newest checkpoint every XINQIAO_WITNESS_SECONDS; less and less often while that fails."""
    period = pause = float(settings.XINQIAO_WITNESS_SECONDS)
    while not stop.is_set():
        pause = period if _follow_once(witness) else min(2 * pause, MAX_PAUSE_S)
        stop.wait(pause)


def _follow_once(witness: Address) -> bool:
    name = witness.verifier.name
    try:
        newest = tree.latest()
        if newest is not None:
            _submit_if_new(witness, newest)
    except WitnessObjects as error:
        log.critical("ledger_witness_objects", witness=name, reason=str(error))
    except (Unreachable, NoteError) as error:
        log.warning("ledger_witness_silent", witness=name, reason=str(error))
    except DatabaseError as error:
        log.warning("ledger_witness_waits", witness=name, error=type(error).__name__)
    else:
        return True
    finally:
        connection.close()
    return False


def _submit_if_new(witness: Address, newest: Checkpoint) -> None:
    known = cosignatures.newest_of(witness.verifier.name)
    if known is None or known.checkpoint_id < newest.size:
        submit(witness, newest)


def _show(witness: Address, newest: Checkpoint, old: int) -> outbound.Answer:
    if old > newest.size:
        raise WitnessObjects(f"it has seen {old} entries, but the newest checkpoint has {newest.size}")
    path = merkle.consistency_proof(old, newest.size, tree.Reader(newest.size).subtree) if old else []
    return outbound.ask(witness.url.rstrip("/") + "/add-checkpoint", request_body(old, path, newest.note))


def _size(body: bytes) -> int:
    text = body.removesuffix(b"\n")
    if not text.isdigit() or len(text) > 18:  # noqa: PLR2004 - below 2**63
        raise Unreachable("the witness names no size")
    return int(text)


def _standing(name: str) -> Standing:
    newest = cosignatures.newest_of(name)
    size, at = (newest.checkpoint_id, newest.at) if newest else (None, None)
    waiting = Checkpoint.objects.filter(size__gt=size or 0).order_by("size").first()
    return Standing(name, size, at, late=waiting is not None and now_ms() - waiting.at > LATE_MS)


def _address(text: str) -> Address:
    url, _, key = text.partition(" ")
    try:
        verifier = notes.parse_verifier(key)
    except NoteError as error:
        raise ImproperlyConfigured(f"XINQIAO_WITNESSES: {url}: {error}") from None
    if verifier.algorithm != COSIGNATURE or not outbound.is_address(url):
        raise ImproperlyConfigured(f"XINQIAO_WITNESSES: {text} is not an address and the key of a witness")
    return Address(url, verifier)
