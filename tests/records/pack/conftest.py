"""An evidence pack of a real consultation: Wang's, with a chart entry, a recording, and Officer Zhou's reading of it."""

import hashlib
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from consult import consultations, timeline
from consult.models import Event
from consult.protocol import Attachment, ConsultationClose, Posted
from consult.writing.batch import event_context
from records import vault
from records.ledger import chains, signing, tree
from records.ledger.leaves import Linked
from records.ledger.models import Chain
from records.ledger.sequencer import Sequencer
from records.pack import build, collect, verify_pack
from records.pack.parts import (
    AccessLine,
    AttachmentPart,
    CasePart,
    Content,
    Grounds,
    Line,
    Pack,
    PersonLine,
    RecordingPart,
    SegmentPart,
)
from records.vault import Context, Retention
from tests.cast import cast, client_id, consultation, who

__all__ = ["cast"]

EVERYTHING = "attachments,conversation,recordings,transcripts"
MARKER = "早上头晕，血压一百五十二"
READ = {"zh": "阅读对话", "en": "read the conversation"}


@dataclass
class Case:
    """A pack in parts, and the means to write and verify it."""

    pack: Pack
    segments: list[SegmentPart]
    directory: Path

    @property
    def id(self) -> UUID:
        return self.pack.cases[0].id

    def written(self, pack: Pack | None = None) -> bytes:
        out = io.BytesIO()
        pack = pack or self.pack
        made = build.write(replace(pack, recordings=[replace(part, segments=self.segments) for part in pack.recordings]), out)
        assert made.size == len(out.getvalue())
        return out.getvalue()

    def closed(self) -> bytes:
        """Written with every ciphertext and no key."""
        self.segments = [replace(segment, key=None) for segment in self.segments]
        photos = [replace(one, segments=[replace(part, key=None) for part in one.segments]) for one in self.pack.attachments]
        contents = [replace(content, key=None) for content in self.pack.contents]
        return self.written(replace(self.pack, contents=contents, attachments=photos))

    def verify(self, data: bytes, key: str | None = "", **asked: Any) -> tuple[int, str]:
        path = self.directory / "pack.zip"
        path.write_bytes(data)
        code, lines = verify_pack.verify(str(path), str(signing.verifier()) if key == "" else key, **asked)
        return code, "\n".join(lines)


def member(whole: bytes, name: str) -> bytes:
    """One file of a pack."""
    found = verify_pack.Container(io.BytesIO(whole)).members[name]
    return whole[found.offset : found.offset + found.size]


def _recording(chart: UUID, key: vault.OpenKey) -> tuple[int, UUID, list[SegmentPart]]:
    """Three sealed segments whose manifest is the content of a leaf in the chart's chain."""
    recording, segments = uuid4(), []
    for index, size in enumerate((300, 300, 120)):
        context = Context("recording.segment", recording, index, None, "", "audio/ogg")
        segments.append(_segment(key, context, size))
    digest = vault.manifest((hashlib.sha256(part.blob).digest(), part.size) for part in segments)
    with transaction.atomic(), chains.extend(chart) as tail:
        leaf = tail.add("recording.sealed", actor=None, content=digest, ids={"recording": str(recording)})
    return leaf.seq, recording, segments


def _segment(key: vault.OpenKey, context: Context, size: int) -> SegmentPart:
    blob = vault.seal(key, context, secrets.token_bytes(size))
    return SegmentPart(blob, size, context, vault.blob_key(key, context, blob))


def _photo(case: UUID) -> AttachmentPart:
    """Two sealed segments whose manifest a message of Wang's states."""
    key, attachment, segments = vault.data_key(case, Retention.DIALOGUE), uuid4(), []
    for index, size in enumerate((300, 40)):
        context = Context("attachment.segment", case, index, who("wang").id, str(attachment), "application/octet-stream")
        segments.append(_segment(key, context, size))
    digest = vault.manifest((hashlib.sha256(part.blob).digest(), part.size) for part in segments)
    stated = Attachment(attachment, "image", "photo.jpg", "image/jpeg", 340, digest.hex(), width=4, height=3)
    with transaction.atomic():
        posted = timeline.append(case, "message.posted", who("wang"), Posted("照片", attachments=[stated]), client_id())
    return AttachmentPart(case, posted.seq, attachment, "image/jpeg", segments)


def _transcript(chart: UUID, key: vault.OpenKey) -> Content:
    """Sealed for its version of the recording, not for the place of its leaf."""
    context = Context("transcript", chart, 1, None, "recording-000001", "application/json")
    blob = vault.seal(key, context, b'{"segments": []}')
    with transaction.atomic(), chains.extend(chart) as tail:
        leaf = tail.add("transcript.made", actor=None, content=blob)
    return Content(chart, leaf.seq, blob, context, vault.blob_key(key, context, blob))


@pytest.fixture
def make_case(cast: None, tmp_path: Path) -> Callable[..., Case]:
    """Return a function that makes Wang's case, closed or not, with everything a pack can hold, under a grant of these terms."""

    def make(*, closed: bool = True, **terms: str) -> Case:
        said = (("wang", MARKER), ("zhao", "请量一下血压"), ("wang", "<script>alert(1)</script>\x1b[2J"))
        consulted = consultation(said=said)
        photo = _photo(consulted.id)
        if closed:
            consultations.close(who("zhao"), ConsultationClose("test", consulted.id, client_id(), "高血压随访"))
        chart, grant = (Chain.objects.create(kind=kind).id for kind in (Chain.Kind.CHART, Chain.Kind.GRANT))
        record_key = vault.data_key(chart, Retention.RECORD)
        seq, recording, segments = _recording(chart, record_key)
        agreed = {"case": str(consulted.id), "content": EVERYTHING, "since": "", "state": "approved", "until": "", **terms}
        with transaction.atomic(), chains.extend(grant) as tail:
            tail.add("grant.decided", actor=who("he").id, ids=agreed)
            reading = tail.add("grant.read", actor=who("zhou").id, ids={"case": str(consulted.id), "what": "conversation.read"})
        transcript = _transcript(chart, record_key)
        Sequencer().drain()
        media = RecordingPart(chart, seq, recording, "audio/ogg", segments)
        pack = _pack(consulted.id, media, transcript, (grant, reading))
        return Case(replace(pack, attachments=[photo]), segments, tmp_path)

    return make


def _pack(case: UUID, media: RecordingPart, transcript: Content, read: tuple[UUID, Linked]) -> Pack:
    """The pack of a case, with one recording and its transcript from the chart, and one reading under a grant."""
    checkpoint = tree.latest()
    assert checkpoint is not None
    grant, reading = read
    events = list(Event.objects.filter(thread=case).order_by("seq"))
    parts = ((case, "case"), (media.chain, "chart"), (grant, "grant"))
    return Pack(
        id=uuid4(),
        cases=[CasePart(case, "XQ-2026-000001", grant)],
        hospital={"zh": "仁心医院", "en": "Renxin Hospital"},
        made_at=1_795_300_000_000,
        made_by="周宁",
        checkpoint=checkpoint.note,
        chains=[collect.chain_part(chain, role, checkpoint) for chain, role in parts],
        contents=[*map(content_of, events), transcript],
        recordings=[media],
        people=[
            PersonLine(who("wang").id, "王秀兰", {"zh": "患者", "en": "patient"}),
            PersonLine(who("zhou").id, "周宁", {"zh": "合规专员", "en": "compliance officer"}),
        ],
        lines=[Line(case, case, events[0].at, 1, "王秀兰", {"zh": "说", "en": "said"}, "<script>alert(1)</script>")],
        access=[AccessLine(reading.at, "周宁", READ, grant, reading.seq), AccessLine(reading.at + 5, "系统管理员", READ)],
        grounds=Grounds("周宁", "审批人", {"zh": "投诉处理", "en": "handling a complaint"}, "TS-17", None),
    )


def content_of(event: Event) -> Content:
    case = event.thread_id
    context = event_context(event.kind, case, event.seq, event.sender_id, event.client_id)
    blob = bytes(event.body)
    return Content(case, event.seq, blob, context, vault.blob_key(vault.open_key(event.key_id), context, blob))


@pytest.fixture
def case(make_case: Callable[..., Case]) -> Case:
    return make_case()
