"""Signing a transcript off: a named person says of one version that it was checked, which makes it the one that counts.

Which version counts is said in one place, `official`: the newest that was signed; while none was, the newest there is, unchecked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from records.errors import ErrorKind, Refused
from records.ledger import chains
from records.vault import open_key
from transcription import revisions, transcripts
from transcription.models import Recording, SignOff
from transcription.plain import DOUBTFUL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.people import Person
    from transcription.models import Transcript

SIGNED: Final = "transcript.signed"

SIGNED_ALREADY: Final = ErrorKind(
    "transcript.signed", 409, "这个版本已由同事审校完成。", "A colleague has already signed this version off."
)
UNCHECKED: Final = ErrorKind(
    "transcript.unchecked",
    409,
    "还有未核对的内容：请先确认说话人，并核对或明确保留每个存疑的词。",
    "Something is not checked yet: please confirm the speakers, and check every doubtful word or leave it knowingly.",
)


@transaction.atomic
def sign(person: Person, recording: Recording, version: int, doubts_left: int, *, speakers_confirmed: bool) -> SignOff:
    """Sign the newest version off. Doing it again changes nothing.

    `doubts_left`: of how many words the person says that they stay doubtful. It must be true: whoever signs knows of each.

    Raises Refused: NOT_FOUND, SUPERSEDED unless `version` is the newest, SIGNED_ALREADY by somebody else, UNCHECKED.
    """
    Recording.objects.select_for_update().get(id=recording.id)  # no correction meanwhile
    newest = transcripts.load(recording, None)
    if newest.version != version:
        raise Refused(transcripts.SUPERSEDED)
    known = SignOff.objects.filter(transcript=newest).first()
    if known is not None:
        if known.person_id != person.id:
            raise Refused(SIGNED_ALREADY)
        return known
    if not speakers_confirmed or doubts_left != revisions.doubts(transcripts.opened(newest), DOUBTFUL):
        raise Refused(UNCHECKED)
    Recording.objects.filter(id=recording.id, state=Recording.State.NEEDS_REVIEW).update(state=Recording.State.DONE)
    return _add(person, newest, doubts_left)


def official(versions: Sequence[Transcript]) -> int | None:
    """Which of a recording's versions (ascending, with their `signoff`) counts; None: there is none."""
    signed = [row.version for row in versions if of(row)]
    return signed[-1] if signed else versions[-1].version if versions else None


def label(transcript: Transcript) -> dict[str, str]:
    """What a reader must know of this version before believing it."""
    signed = of(transcript)
    if signed is not None:
        name = signed.person.name
        return {"zh": f"{name}已审校完成的版本，以此为准", "en": f"Checked and signed off by {name}: this version counts"}
    return transcripts.MACHINE if transcript.author_id is None else transcripts.CORRECTED


def of(transcript: Transcript) -> SignOff | None:
    return getattr(transcript, "signoff", None)


def _add(person: Person, transcript: Transcript, doubts_left: int) -> SignOff:
    ids = {
        "recording": str(transcript.recording_id),
        "version": str(transcript.version),
        "transcript": str(transcript.seq),
        "doubts_left": str(doubts_left),
    }
    with chains.extend(open_key(transcript.recording.key_id).scope) as tail:
        linked = tail.add(SIGNED, actor=person.id, ids=ids)
    return SignOff.objects.create(transcript=transcript, person=person, doubts_left=doubts_left, seq=linked.seq)
