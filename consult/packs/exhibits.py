"""What goes into an evidence pack, as far as its grants reach: chains, ciphertexts, keys, and lines for human eyes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from consult import family, record
from consult.attachments import files
from consult.models import Consultation, Event
from consult.oversight import cases
from consult.oversight.attachments import carried, threads_of
from consult.packs.readable import destroyed_by, line, person_line, spoken
from consult.writing.batch import event_context
from records import grants
from records.grants import PURPOSES, AccessGrant
from records.ledger import cosignatures, witnessing
from records.ledger.audit import check_chain
from records.ledger.chains import moment, now_ms
from records.ledger.models import Leaf
from records.pack.collect import anchors, chain_part, tombstones, verdicts
from records.pack.parts import (
    AccessLine,
    AttachmentPart,
    CasePart,
    ChainPart,
    Content,
    Grounds,
    Pack,
    PersonLine,
    RecordingPart,
    SegmentPart,
)
from records.people import Person
from records.retention.contents import told
from records.vault import KeyMissing, OpenKey, blob_key, open_key
from records.views import bilingual
from transcription.models import Recording, Transcript
from transcription.segments import sealed
from transcription.transcripts import transcript_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from consult.models.attachments import Attachment
    from consult.models.packs import EvidencePack
    from consult.oversight.attachments import Carried
    from records.ledger.models import Checkpoint
    from records.media import Sealed

Place = tuple["UUID", int]  # of a leaf: chain, sequence


class Assembled(NamedTuple):
    pack: Pack
    expected: int  # bytes of ciphertext in it, for the progress shown


def assemble(row: EvidencePack, checkpoint: Checkpoint) -> Assembled:
    """Collect what its grants cover of what was asked for, with proofs under `checkpoint`. The leaf of this reading is written
    before, by the caller.

    Raises KeyMissing and SealBroken, and Refused when a recording's segments are not those of its manifest.
    """
    return _Assembly(row, [Reached(grant, row.content) for grant in row.grants], checkpoint).run()


class Reached:
    """What one grant reaches of one case. `counted`: only how much; no ciphertext is loaded."""

    def __init__(self, grant: AccessGrant, wanted: Sequence[str], *, counted: bool = False) -> None:
        self.parts = parts = set(grant.content).intersection(wanted or grant.content)
        self.grant = grant
        self.row: Any = cases.described(Consultation.objects.filter(chain_id=grant.case_id)).get()
        self.id: UUID = self.row.id
        self.threads: list[UUID] = [self.id, *(threads_of(self.id)[1:] if "discussion" in parts else ())]
        opened = self.threads if "conversation" in parts else []
        bodies = ["body"] if counted else []
        said = [event for thread in opened for event in Event.objects.filter(thread=thread).defer(*bodies).order_by("seq")]
        # When something was said is what its leaf says: a row can be altered.
        leaves = Leaf.objects.filter(chain__in=opened).values_list("chain", "seq", "at")
        covered = {(chain, seq) for chain, seq, at in leaves if grant.covers(moment(at))}
        self.events = [event for event in said if _place(event) in covered]
        recorded = cases.granted_recordings(grant, cases.recordings_of(self.id).select_related("key"))
        self.recordings = recorded if "recordings" in parts else []
        rows = Transcript.objects.filter(recording__in=recorded).select_related("recording", "author", "key")
        texts = rows.defer(*bodies).order_by("seq")
        self.transcripts: list[Transcript] = list(texts) if "transcripts" in parts else []
        self.granted = list(AccessGrant.objects.filter(case=self.id).select_related("requester").order_by("requested_at"))

    @cached_property
    def attachments(self) -> list[Carried]:
        """Opens the messages, since only they say what they carry."""
        said = [event for event in self.events if (event.thread_id, event.seq) not in self.gone]
        return list(carried(said)) if "attachments" in self.parts else []

    @cached_property
    def gone(self) -> dict[Place, int]:
        """What was destroyed by right of all this, with the number of its tombstone; of a chart only what is of this case."""
        rows: list[Recording | Transcript] = [*self.recordings, *self.transcripts]
        kept = {_place(row) for row in rows}
        whole = {*self.threads, *(grant.id for grant in self.granted)}
        found = {
            (id_, seq): stone for id_ in whole | {id_ for id_, _ in kept} for seq, stone in check_chain(id_).destroyed.items()
        }
        return {place: stone for place, stone in found.items() if place[0] in whole or place in kept}

    def people(self) -> set[UUID]:
        senders = {event.sender_id for event in self.events}
        asked = {
            person for grant in self.granted for person in (grant.requester_id, grant.first_approver_id, grant.approver_id)
        }
        return {person for person in (self.row.patient_id, *senders, *asked) if person is not None}


class _Assembly:
    """One pack being put together; of the data keys in `keys` nothing goes into it but keys of single blobs."""

    def __init__(self, row: EvidencePack, found: Sequence[Reached], checkpoint: Checkpoint) -> None:
        self.row, self.cases, self.checkpoint = row, found, checkpoint
        ids = {person for case in found for person in case.people()}
        people = Person.objects.filter(id__in=ids).prefetch_related("roles").order_by("name")
        self.people = {person.id: person for person in people}
        self.keys: dict[UUID, OpenKey] = {}
        self.gone = {place: stone for case in found for place, stone in case.gone.items()}
        self.stones = tombstones(set(self.gone.values()), checkpoint)
        self.told = told(set(self.gone.values()))
        self.quality = verdicts([grant.case_id for grant in row.grants], checkpoint) if row.quality else []

    def _people(self) -> list[PersonLine]:
        patients = {case.row.patient_id for case in self.cases}
        relatives = family.spoken_for(patients)
        return [person_line(person, patients, relatives) for person in self.people.values()]

    def run(self) -> Assembled:
        if any(entry.index is None for entry in [*self.stones, *self.quality]):
            raise KeyMissing("written a moment ago: it has no proof yet")
        contents = [*map(self._event, self._left("events")), *map(self._transcript, self._left("transcripts"))]
        recordings = [self._recording(row) for row in self._left("recordings")]
        attachments = [self._attachment(*found) for found in self._all("attachments")]
        chains = [*self._chains()]
        grant = self.row.grant
        pack = Pack(
            id=self.row.id,
            cases=[CasePart(case.id, cases.number_of(case.row), case.grant.id) for case in self.cases],
            hospital=bilingual(settings.XINQIAO_HOSPITAL_ZH, settings.XINQIAO_HOSPITAL_EN),
            made_at=now_ms(),
            made_by=grant.requester.name,
            checkpoint=cosignatures.cosigned_note(self.checkpoint),
            chains=chains,
            contents=contents,
            recordings=recordings,
            attachments=attachments,
            people=self._people(),
            lines=[line(case.id, event, self.people, self._destroyed(event)) for case in self.cases for event in case.events],
            spoken=[
                spoken(case.id, row, row.key.scope)
                for case in self.cases
                for row in case.transcripts
                if (row.key.scope, row.seq) not in self.gone
            ],
            access=list(self._access(chains)),
            tombstones=self.stones,
            quality=self.quality,
            anchors=anchors(self.checkpoint, [chain for chain in chains if chain.role != "grant"]),
            witnesses=[str(address.verifier) for address in witnessing.configured()],
            grounds=self._grounds(grant),
            printed=self.row.printed,
        )
        media: list[Recording | Attachment] = [*self._left("recordings"), *(found.row for found in self._all("attachments"))]
        expected = sum(len(content.blob) for content in contents) + sum(row.size for row in media)
        return Assembled(pack, expected)

    def _all(self, what: str) -> list[Any]:
        return [row for case in self.cases for row in getattr(case, what)]

    def _left(self, what: str) -> list[Any]:
        """Those of the rows whose content is not destroyed."""
        return [row for row in self._all(what) if _place(row) not in self.gone]

    def _destroyed(self, event: Event) -> str | None:
        number = self.gone.get(_place(event))
        return None if number is None else destroyed_by(self.told[number])

    def _key(self, key_id: UUID) -> OpenKey:
        if key_id not in self.keys:
            self.keys[key_id] = open_key(key_id)
        return self.keys[key_id]

    def _event(self, row: Event) -> Content:
        context = event_context(row.kind, row.thread_id, row.seq, row.sender_id, row.client_id)
        blob = bytes(row.body)
        return Content(row.thread_id, row.seq, blob, context, blob_key(self._key(row.key_id), context, blob))

    def _transcript(self, row: Transcript) -> Content:
        key = self._key(row.key_id)
        context = transcript_context(key.scope, row.recording_id, row.version, row.author_id)
        blob = bytes(row.body)
        return Content(key.scope, row.seq, blob, context, blob_key(key, context, blob))

    def _recording(self, row: Recording) -> RecordingPart:
        key = self._key(row.key_id)
        assert row.seq is not None, "what was recorded of a case is in the ledger"
        return RecordingPart(key.scope, row.seq, row.id, row.media_type, _segments(sealed(row), key))

    def _attachment(self, row: Attachment, thread: UUID, seq: int) -> AttachmentPart:
        segments = _segments(files.sealed(row), self._key(row.key_id))
        return AttachmentPart(thread, seq, row.id, row.media_type, segments)

    def _chains(self) -> Iterator[ChainPart]:
        """Each case and what was said beside it; every grant; of a chart only the beginning that holds its recordings and transcripts."""
        for case in self.cases:
            for id_, role in zip(case.threads, ("case", "side"), strict=False):
                yield chain_part(id_, role, self.checkpoint, case=case.id)
        reach: dict[UUID, int] = {}
        for row in (*self._all("recordings"), *self._all("transcripts")):
            chart = row.key.scope
            reach[chart] = max(reach.get(chart, 0), row.seq)
        for chart, last in reach.items():
            yield chain_part(chart, "chart", self.checkpoint, last)
        for case in self.cases:
            for grant in case.granted:
                yield chain_part(grant.id, "grant", self.checkpoint, case=case.id)

    def _access(self, chains: Sequence[ChainPart]) -> Iterator[AccessLine]:
        """The readings that the chains of the grants hold, as they are in the pack: somebody may read on meanwhile."""
        last = {part.id: len(part.entries) for part in chains if part.role == "grant"}
        for leaf in Leaf.objects.filter(chain__in=last, kind=grants.READ).order_by("at", "id"):
            if leaf.seq > last[leaf.chain_id]:
                continue
            reading = grants.reading(leaf)
            yield AccessLine(
                leaf.at, self.people[reading.person].name, record.action_words(reading.what), leaf.chain_id, leaf.seq
            )

    def _grounds(self, grant: AccessGrant) -> Grounds:
        assert grant.approver_id is not None, "a grant in force was approved"
        assert grant.expires_at is not None, "and has an end"
        return Grounds(
            requester=grant.requester.name,
            approver="、".join(
                self.people[one].name for one in (grant.first_approver_id, grant.approver_id) if one is not None
            ),
            purpose=bilingual(*PURPOSES[grant.purpose]),
            case_number=grant.case_number,
            expires_at=int(grant.expires_at.timestamp() * 1000),
        )


def _place(row: Event | Recording | Transcript) -> Place:
    """The leaf of a row: an event's in its thread, any other's in the chain that its key is of."""
    assert row.seq is not None, "it is in the ledger"
    return (row.thread_id if isinstance(row, Event) else row.key.scope, row.seq)


def _segments(source: Sealed, key: OpenKey) -> Iterator[SegmentPart]:
    """The ciphertexts of a recording or an attachment, read one at a time while the pack is written."""
    for index, segment in enumerate(source.segments):
        blob, context = source.ciphertext(index), source.bind(index)
        yield SegmentPart(blob, segment.size, context, blob_key(key, context, blob))
