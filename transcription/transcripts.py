"""The versions of what was said: the machine's first, then each correction beside it, never over it. All sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.db import transaction

from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.vault import Context, data_key, open_key, seal, unseal
from records.vault.models import Retention
from transcription import jobs
from transcription.models import Recording, Transcript
from transcription.plain import UNKNOWN_SPEAKER
from transcription.revisions import revised

if TYPE_CHECKING:
    from records.people import Person
    from transcription.engines import Engine
    from transcription.listening import Transcription
    from transcription.revisions import Revision

CORRECTED_CHARACTERS: Final = 2000
REWRITTEN_CHARACTERS: Final = 4000  # three minutes of fast English
NOTHING_HEARD: Final = {"speech_s": 0.0, "covered_s": 0.0, "gaps": []}

SUPERSEDED: Final = ErrorKind(
    "transcript.superseded",
    409,
    "别人刚刚修改过这份文字，请查看新版本后再改。",
    "Somebody has just corrected this transcript. Please look at the new version first.",
)

MACHINE: Final = {
    "zh": "机器转写，未经人工核对，不能代替原录音",
    "en": "Machine transcript, not checked by a person; the recording is what counts",
}
CORRECTED: Final = {
    "zh": "人工更正的版本，尚未审校完成；机器原文另存",
    "en": "Corrected by a person, not signed off yet; the machine's version is kept beside it",
}


def transcript_context(chart: UUID, recording: UUID, version: int, author: UUID | None) -> Context:
    """What version `version` (from 1) of a recording's transcript is bound to."""
    return Context("transcript", chart, version, author, str(recording), "application/json")


class MadeBy(NamedTuple):
    """`model_version`: digest of the weights."""

    engine: str
    model: str
    model_version: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to be stored; `kind` is its leaf's. `author` None: the machine."""

    kind: str
    body: dict[str, Any]
    lines: int
    made_by: MadeBy
    author: Person | None = None
    client_id: str | None = None
    based_on: int | None = None


@transaction.atomic
def keep_machine(recording: Recording, holder: UUID, engine: Engine, heard: Transcription) -> None:
    """Store version 1 (after a retry: the next one) and end the job, together. Raises LeaseLost and then stores nothing."""
    state = Recording.State.NEEDS_REVIEW if heard.warnings else Recording.State.DONE
    jobs.finish(recording.id, holder, state, heard.warnings)
    Recording.objects.filter(id=recording.id).update(detected=heard.language)
    made_by = MadeBy(engine.name, engine.model, engine.model_version)
    _add(recording, Draft("transcript.made", heard.body, heard.lines, made_by))


@transaction.atomic
def revise(person: Person, recording: Recording, client_id: str, based_on: int, revision: Revision) -> Transcript:
    """Add a version in which lines, speakers or doubts are put right. Repeating a `client_id` returns the first version.

    Raises Refused: SUPERSEDED unless `based_on` is the newest version, BAD_INPUT for what is not there or changes nothing,
    CLIENT_ID_CONFLICT when the id was used for something else.
    """
    Recording.objects.select_for_update().get(id=recording.id)  # one correction at a time
    repeated = Transcript.objects.filter(recording=recording, author=person, client_id=client_id).first()
    if repeated is not None:
        return _same_revision(repeated, based_on, revision)
    newest = load(recording, None)
    if newest.version != based_on:
        raise Refused(SUPERSEDED)
    before = opened(newest)
    body = revised(before, revision)
    if body == {"speakers": {}, **before}:
        raise Refused(BAD_INPUT, {"edits": {"zh": "没有任何改动。", "en": "Nothing was changed."}})
    made_by = MadeBy(newest.engine, newest.model, newest.model_version)
    return _add(recording, Draft("transcript.corrected", body, newest.lines, made_by, person, client_id, based_on))


@transaction.atomic
def rewrite(person: Person, recording: Recording, client_id: str, text: str) -> Transcript:
    """Add a version that says `text` as a whole, also where no machine could write one. Repeating a `client_id` returns the first.

    Raises Refused(CLIENT_ID_CONFLICT) when the id was used for another text.
    """
    Recording.objects.select_for_update().get(id=recording.id)
    repeated = Transcript.objects.filter(recording=recording, author=person, client_id=client_id).first()
    if repeated is not None:
        if opened(repeated)["segments"][0]["text"] != text:
            raise Refused(CLIENT_ID_CONFLICT)
        return repeated
    newest = Transcript.objects.filter(recording=recording).order_by("-version").first()
    body = opened(newest) if newest else {"coverage": NOTHING_HEARD, "language": recording.language, "rtf": None}
    end = recording.duration_s or 0.0
    line = {"id": 0, "start": 0.0, "end": end, "speaker": UNKNOWN_SPEAKER, "text": text, "confidence": 1.0, "words": []}
    made_by = MadeBy(newest.engine, newest.model, newest.model_version) if newest else MadeBy("", "", "")
    based_on = newest.version if newest else None
    draft = Draft("transcript.corrected", {**body, "segments": [line]}, 1, made_by, person, client_id, based_on)
    return _add(recording, draft)


def load(recording: Recording, version: int | None) -> Transcript:
    """A version, or the newest. Raises Refused(NOT_FOUND)."""
    versions = Transcript.objects.select_related("author", "recording", "signoff__person").filter(recording=recording)
    found = versions.order_by("-version").first() if version is None else versions.filter(version=version).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def opened(transcript: Transcript) -> dict[str, Any]:
    """The clear body: segments, coverage, language, rtf. Raises SealBroken, KeyMissing."""
    key = open_key(transcript.key_id)
    context = transcript_context(key.scope, transcript.recording_id, transcript.version, transcript.author_id)
    body: dict[str, Any] = json.loads(unseal(key, context, bytes(transcript.body)))
    return body


def _same_revision(first: Transcript, based_on: int, revision: Revision) -> Transcript:
    if first.based_on != based_on or opened(first) != revised(opened(load(first.recording, based_on)), revision):
        raise Refused(CLIENT_ID_CONFLICT)
    return first


def _add(recording: Recording, draft: Draft) -> Transcript:
    """Seal and store the next version with its leaf, which names the audio and the model it was made from."""
    chart = open_key(recording.key_id).scope
    key = data_key(chart, Retention.RECORD)
    author = draft.author.id if draft.author else None
    with chains.extend(chart) as tail:
        version = Transcript.objects.filter(recording=recording).count() + 1
        context = transcript_context(chart, recording.id, version, author)
        blob = seal(key, context, json.dumps(draft.body, ensure_ascii=False, separators=(",", ":")).encode())
        ids = {
            "recording": str(recording.id),
            "audio": bytes(recording.manifest).hex(),
            "version": str(version),
            **draft.made_by._asdict(),
        }
        if draft.based_on is not None:
            ids["based_on"] = str(draft.based_on)
        linked = tail.add(draft.kind, actor=author, content=blob, ids=ids)
    return Transcript.objects.create(
        recording=recording,
        version=version,
        author=draft.author,
        client_id=draft.client_id,
        based_on=draft.based_on,
        lines=draft.lines,
        key_id=key.id,
        body=blob,
        untold=recording.origin == Recording.Origin.VOICE,
        seq=linked.seq,
        **draft.made_by._asdict(),
    )
