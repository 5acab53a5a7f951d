"""What of a case goes into an evidence pack, as far as the grant reaches: chains, ciphertexts, keys, and lines for human eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from django.conf import settings

from consult import attachment_files as files
from consult import cases, record, timeline
from consult.attachment_review import carried, threads_of
from consult.batch import event_context
from consult.models import Consultation, Event
from records import grants
from records.api.schemas import bilingual
from records.grants import PURPOSES, AccessGrant
from records.ledger.chains import now_ms
from records.ledger.models import Leaf
from records.pack.collect import chain_part
from records.pack.parts import (
    AccessLine,
    AttachmentPart,
    ChainPart,
    Content,
    Grounds,
    Line,
    Pack,
    PersonLine,
    RecordingPart,
    SegmentPart,
)
from records.people import Person, Role
from records.vault import OpenKey, open_key
from transcription.models import Recording, Transcript
from transcription.segments import sealed
from transcription.transcripts import transcript_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from consult.attached import Attachment
    from records.ledger.models import Checkpoint
    from records.media import Sealed

ROLES: Final = {
    Role.PATIENT: ("患者", "patient"),
    Role.DOCTOR: ("医生", "doctor"),
    Role.NURSE: ("护士 / 健康管理师", "nurse / health manager"),
    Role.LEAD: ("组长", "team lead"),
    Role.OFFICER: ("合规专员", "compliance officer"),
    Role.APPROVER: ("合规审批人", "compliance approver"),
    Role.ADMIN: ("管理员", "administrator"),
    Role.AUDITOR: ("审计员", "auditor"),
}
KINDS: Final = {
    "consultation.opened": ("提交咨询", "asked"),
    "consultation.claimed": ("接诊", "took the case"),
    "consultation.returned": ("退回候诊队列", "returned it to the queue"),
    "message.posted": ("发言", "wrote"),
    "receipt.read": ("已读", "had read up to here"),
    "consultation.closed": ("结束咨询", "closed the case"),
    "consultation.reopened": ("重新打开", "reopened the case"),
    "consultation.extended": ("延长服务", "extended the terms"),
    "message.retracted": ("撤回消息", "took back a message"),
    "message.corrected": ("更正消息", "corrected a message"),
    "voice.transcribed": ("语音转写", "transcript of a voice note"),
    "side.opened": ("开启内部讨论", "opened a discussion among staff"),
    "side.joined": ("加入内部讨论", "asked a colleague in"),
    "notice.posted": ("通知", "sent a notice"),
}
BESIDE: Final = ("内部讨论：", "among staff: ")
WORDS: Final = ("complaint", "text", "summary", "advice", "reason")


class Assembled(NamedTuple):
    pack: Pack
    expected: int  # bytes of ciphertext in it, for the progress shown


def assemble(grant: AccessGrant, checkpoint: Checkpoint) -> Assembled:
    """Collect what the grant covers, with proofs under `checkpoint`. The leaf of this reading is written before, by the caller.

    Raises KeyMissing and SealBroken, and Refused when a recording's segments are not those of its manifest.
    """
    return _Assembly(grant, checkpoint).run()


class _Assembly:
    """One pack being put together; `keys` grows with what is taken in."""

    def __init__(self, grant: AccessGrant, checkpoint: Checkpoint) -> None:
        self.grant, self.checkpoint = grant, checkpoint
        self.case: Any = cases.described(Consultation.objects.filter(chain_id=grant.case_id)).get()
        self.threads = threads_of(self.case.id)
        opened = self.threads if "conversation" in grant.content else []
        self.events = [event for thread in opened for event in Event.objects.filter(thread=thread).order_by("seq")]
        recorded = cases.recordings_of(grant.case_id)
        self.recordings = list(recorded) if "recordings" in grant.content else []
        texts = Transcript.objects.filter(recording__in=recorded).order_by("seq")
        self.transcripts: list[Transcript] = list(texts) if "transcripts" in grant.content else []
        self.granted = list(AccessGrant.objects.filter(case=grant.case_id).select_related("requester").order_by("requested_at"))
        self.attachments = list(carried(self.events))
        self.people = self._people()
        self.keys: dict[UUID, OpenKey] = {}

    def run(self) -> Assembled:
        contents = [*map(self._event, self.events), *map(self._transcript, self.transcripts)]
        recordings = [self._recording(row) for row in self.recordings]
        pack = Pack(
            case=self.case.id,
            number=cases.number_of(self.case),
            hospital=bilingual(settings.XINQIAO_HOSPITAL_ZH, settings.XINQIAO_HOSPITAL_EN),
            made_at=now_ms(),
            made_by=self.grant.requester.name,
            checkpoint=self.checkpoint.note,
            chains=self._chains(),
            contents=contents,
            recordings=recordings,
            attachments=[self._attachment(*found) for found in self.attachments],
            keys=list(self.keys.values()),
            people=[PersonLine(p.id, p.name, bilingual(*ROLES[Role(p.main_role)])) for p in self.people.values()],
            lines=[self._line(event) for event in self.events],
            access=list(self._access()),
            grounds=self._grounds(),
        )
        media: list[Recording | Attachment] = [*self.recordings, *(found.row for found in self.attachments)]
        expected = sum(len(content.blob) for content in contents) + sum(row.size for row in media)
        return Assembled(pack, expected)

    def _people(self) -> dict[UUID, Person]:
        ids = {self.case.patient_id, *(event.sender_id for event in self.events)}
        ids |= {person for grant in self.granted for person in (grant.requester_id, grant.approver_id)}
        found = Person.objects.filter(id__in=ids - {None}).prefetch_related("roles").order_by("name")
        return {person.id: person for person in found}

    def _key(self, key_id: UUID) -> OpenKey:
        if key_id not in self.keys:
            self.keys[key_id] = open_key(key_id)
        return self.keys[key_id]

    def _event(self, row: Event) -> Content:
        context = event_context(row.kind, row.thread_id, row.seq, row.sender_id, row.client_id)
        return Content(row.thread_id, row.seq, bytes(row.body), self._key(row.key_id).id, context)

    def _transcript(self, row: Transcript) -> Content:
        key = self._key(row.key_id)
        context = transcript_context(key.scope, row.recording_id, row.version, row.author_id)
        return Content(key.scope, row.seq, bytes(row.body), key.id, context)

    def _recording(self, row: Recording) -> RecordingPart:
        key = self._key(row.key_id)
        assert row.seq is not None, "what was recorded of a case is in the ledger"
        return RecordingPart(key.scope, row.seq, row.id, key.id, row.media_type, _segments(sealed(row)))

    def _attachment(self, row: Attachment, thread: UUID, seq: int) -> AttachmentPart:
        return AttachmentPart(thread, seq, row.id, self._key(row.key_id).id, row.media_type, _segments(files.sealed(row)))

    def _chains(self) -> list[ChainPart]:
        """The case and what was said beside it; every grant; of the chart only the beginning that holds its recordings and transcripts."""
        chains = [chain_part(id_, role, self.checkpoint) for id_, role in zip(self.threads, ("case", "side"), strict=False)]
        shown: list[Recording | Transcript] = [*self.recordings, *self.transcripts]
        if shown:
            chart = self._key(shown[0].key_id).scope
            chains.append(chain_part(chart, "chart", self.checkpoint, max(row.seq or 0 for row in shown)))
        return chains + [chain_part(grant.id, "grant", self.checkpoint) for grant in self.granted]

    def _line(self, row: Event) -> Line:
        said = msgspec.json.decode(timeline.body_of(row))
        words = [str(said[word]) for word in WORDS if said.get(word)]
        text = "\n".join([*words, *(f"[{carried['name']}]" for carried in said.get("attachments", ()))])
        who = self.people[row.sender_id].name if row.sender_id in self.people else ""
        beside = BESIDE if row.thread_id != self.case.id else ("", "")
        kind = bilingual(*(mark + words for mark, words in zip(beside, KINDS[row.kind], strict=True)))
        return Line(row.at, row.seq, who, kind, text)

    def _access(self) -> Iterator[AccessLine]:
        leaves = Leaf.objects.filter(chain__in=[grant.id for grant in self.granted], kind=grants.READ).order_by("at", "id")
        for leaf in leaves:
            reading = grants.reading(leaf)
            action = bilingual(*record.ACTIONS[reading.what])
            yield AccessLine(leaf.at, self.people[reading.person].name, action, leaf.chain_id, leaf.seq)

    def _grounds(self) -> Grounds:
        grant = self.grant
        assert grant.approver_id is not None, "a grant in force was approved"
        assert grant.expires_at is not None, "and has an end"
        return Grounds(
            requester=grant.requester.name,
            approver=self.people[grant.approver_id].name,
            purpose=bilingual(*PURPOSES[grant.purpose]),
            case_number=grant.case_number,
            expires_at=int(grant.expires_at.timestamp() * 1000),
        )


def _segments(source: Sealed) -> Iterator[SegmentPart]:
    """The ciphertexts of a recording or an attachment, read one at a time while the pack is written."""
    for index, segment in enumerate(source.segments):
        yield SegmentPart(source.ciphertext(index), segment.size, source.bind(index))
