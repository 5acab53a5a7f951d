"""What witnesses said about checkpoints: kept beside them, given out with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.ledger import notes
from records.ledger.models import Checkpoint, Cosignature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.ledger.notes import Verifier


def of(size: int) -> list[Cosignature]:
    """The cosignatures of the checkpoint of `size`, by witness."""
    return list(Cosignature.objects.filter(checkpoint_id=size).order_by("witness"))


def cosigned_note(checkpoint: Checkpoint) -> str:
    """The checkpoint's note with every cosignature: what a stranger needs to be shown."""
    return checkpoint.note + "".join(cosignature.line for cosignature in of(checkpoint.size))


def keep(checkpoint: Checkpoint, answer: str, witness: Verifier) -> Cosignature:
    """Verify a witness's answer (signature lines, of which others' are ignored) and keep its cosignature. Raises NoteError.

    Must run inside `transaction.atomic()`. One that is kept already stays as it is.
    """
    line = _own_line(checkpoint, answer, witness)
    at_s = notes.cosigned_at(checkpoint.note + line, witness)
    assert at_s is not None, "the line is the witness's own"
    known = Cosignature.objects.filter(checkpoint=checkpoint, witness=witness.name).first()
    return known or Cosignature.objects.create(checkpoint=checkpoint, witness=witness.name, at=at_s * 1000, line=line)


def newest_of(witness: str) -> Cosignature | None:
    """The cosignature of this witness on the largest tree."""
    return Cosignature.objects.filter(witness=witness).order_by("-checkpoint_id").first()


def times(note: str, witnesses: Sequence[Verifier]) -> dict[str, int]:
    """Which of the witnesses cosigned the note, and when (seconds since epoch). Raises NoteError for a wrong signature of theirs. Pure."""
    found = {witness.name: notes.cosigned_at(note, witness) for witness in witnesses}
    return {name: at_s for name, at_s in found.items() if at_s is not None}


def _own_line(checkpoint: Checkpoint, answer: str, witness: Verifier) -> str:
    if not answer.startswith(notes.MARK):
        raise notes.NoteError("the answer is no signature line")
    for one in notes.parse(checkpoint.note + answer).signatures:
        if (one.name, one.key_id) == (witness.name, witness.key_id):
            return one.line
    raise notes.NoteError(f"the answer has no signature of {witness.name}")
