"""What is known of the ledger outside its database, held against it.

Whoever holds the database together with the ledger's key can cut it back or write another history, and all of it fits together. Only
what they could not reach shows that: `ledger.head` on this machine, what a witness remembers, what witnesses and an authority signed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from records.ledger import checkpoints, cosignatures, outbound, signing, timestamps, tree, witnessing
from records.ledger.findings import Finding
from records.ledger.models import Cosignature, Timestamp
from records.ledger.notes import NoteError
from records.ledger.outbound import Unreachable
from records.ledger.timestamps import StampError
from records.ledger.witness import origin_id
from records.vault import KeyringError, private_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from records.ledger.checkpoints import Checkpoint
    from records.ledger.witnessing import Address

CHUNK: Final = 2000
HEAD: Final = "ledger.head"
State = Literal["contained", "mismatch", "absent"]


class Compared(NamedTuple):
    """One memory of the ledger: where it is kept, how many entries it covers (None: it could not be read), and whether they are here."""

    source: str
    size: int | None
    state: State


@dataclass(slots=True)
class Outside:
    """`cosignatures` and `stamps`: how many were verified; those whose key is not configured here are not counted."""

    compared: list[Compared] = field(default_factory=list)
    cosignatures: int = 0
    stamps: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def memories(self) -> list[Compared]:
        """Those that were really held against the ledger."""
        return [one for one in self.compared if one.state != "absent"]


def check_outside(*, ask: bool) -> Outside:
    """Hold the ledger against every memory within reach; `ask` the configured witnesses what they remember, over the network."""
    found = Outside()
    _check_head(found)
    with _usable(found, "XINQIAO_WITNESSES"):
        witnesses = witnessing.configured()
        _check_cosignatures(found, witnesses)
        for witness in witnesses if ask else ():
            _check_witness(found, witness)
    with _usable(found, "XINQIAO_TSA_URL"):
        _check_stamps(found)
    return found


@contextmanager
def _usable(found: Outside, setting: str) -> Iterator[None]:
    """A damaged installation must still be verifiable: what its settings do not allow to be read counts as not read."""
    try:
        yield
    except ImproperlyConfigured:
        found.compared.append(Compared(setting, None, "absent"))


def _check_head(found: Outside) -> None:
    file = signing.path().with_name(HEAD)
    if not file.exists():
        found.compared.append(Compared(HEAD, None, "absent"))
        return
    try:
        known = checkpoints.verify(private_files.read(file)[0].decode(), [signing.verifier()], signing.origin())
    except (NoteError, UnicodeDecodeError, KeyringError):
        found.compared.append(Compared(HEAD, None, "mismatch"))
        found.findings.append(Finding("head.bad"))
        return
    _hold(found, HEAD, known, "head")


def _check_witness(found: Outside, witness: Address) -> None:
    name = witness.verifier.name
    try:
        answer = outbound.ask(f"{witness.url.rstrip('/')}/{origin_id(signing.origin())}/checkpoint")
    except Unreachable:
        found.compared.append(Compared(name, None, "absent"))
        return
    if answer.status != HTTPStatus.OK:  # it has seen nothing yet, or does not tell
        found.compared.append(Compared(name, None, "absent"))
        return
    known = _remembered(answer.body, witness)
    if known is None:
        found.compared.append(Compared(name, None, "mismatch"))
        found.findings.append(Finding("witness.bad"))
        return
    _hold(found, name, known, "witness")


def _remembered(body: bytes, witness: Address) -> Checkpoint | None:
    """The checkpoint of our log that the witness cosigned; None when it is none."""
    try:
        note = body.decode()
        known = checkpoints.verify(note, [signing.verifier()], signing.origin())
        return known if cosignatures.times(note, [witness.verifier]) else None
    except (NoteError, UnicodeDecodeError):
        return None


def _hold(found: Outside, source: str, known: Checkpoint, kind: str) -> None:
    code = _difference(known)
    found.compared.append(Compared(source, known.size, "mismatch" if code else "contained"))
    if code:
        found.findings.append(Finding(f"{kind}.{code}", place=known.size))


def _difference(known: Checkpoint) -> str | None:
    """How the stored tree fails to begin with the known one; None when it does."""
    newest = tree.latest()
    size = newest.size if newest else 0
    if size < known.size:
        return "behind"
    if known.size and tree.Reader(size).subtree(0, known.size) != known.root:
        return "forked"
    return None


def _check_cosignatures(found: Outside, witnesses: Sequence[Address]) -> None:
    keys = {address.verifier.name: address.verifier for address in witnesses}
    for row in Cosignature.objects.filter(witness__in=keys).select_related("checkpoint").iterator(CHUNK):
        found.cosignatures += 1
        try:
            seen = cosignatures.times(row.checkpoint.note + row.line, [keys[row.witness]])
        except NoteError:
            seen = {}
        if seen.get(row.witness, -1) * 1000 != row.at:
            found.findings.append(Finding("cosignature.wrong", place=row.checkpoint_id))


def _check_stamps(found: Outside) -> None:
    authority = timestamps.configured()
    if authority is None:
        return
    for row in _stamps():
        found.stamps += 1
        try:
            at = timestamps.verify(bytes(row.response), row.checkpoint.note.encode(), authority.certificates)
        except StampError:
            found.findings.append(Finding("stamp.wrong", place=row.checkpoint_id))
        else:
            if int(at.timestamp() * 1000) != row.at:
                found.findings.append(Finding("stamp.wrong", place=row.checkpoint_id))


def _stamps() -> Iterator[Timestamp]:
    return Timestamp.objects.select_related("checkpoint").iterator(CHUNK)
