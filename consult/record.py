"""A patient's record as one timeline (entries, consultations, recorded calls), and the log of who looked at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from consult import protocol, timeline
from consult.models import Consultation, Event
from records import charts, grants
from records.access import require
from records.care import Patient
from records.grants import PURPOSES, AccessGrant
from records.ledger.chains import moment, now_ms
from records.ledger.models import Leaf
from records.people import Person
from records.views import BRIEF, bilingual, brief
from transcription.briefs import recording_brief, with_lines
from transcription.known import known_to
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTED: Final = 200  # consultations, and recordings, on one page
LOOKS: Final = 500
TOLD_AFTER_MS: Final = grants.TOLD_AFTER_DAYS * 86_400_000
SAME_LOOK: Final = timedelta(hours=1)

CALLS: Final = (Recording.Origin.CALL, Recording.Origin.TALK)
IN_CONSULTATION: Final = ("咨询通话", "Call in a consultation")

ACTIONS: Final = {
    charts.OPENED: ("打开了病历", "opened the record"),
    "conversation.read": ("查阅了咨询对话", "read a consultation"),
    "conversation.searched": ("在咨询里查找了文字", "looked for words in a consultation"),
    "recordings.listed": ("查看了录音目录", "looked at the list of recordings"),
    "recording.played": ("听了通话录音", "played a recorded call"),
    "voice.played": ("听了语音留言", "played a voice note"),
    "attachment.read": ("打开了照片或文件", "opened a photo or document"),
    "transcripts.searched": ("在通话转写里查找了文字", "looked for words in the transcripts of calls"),
    "transcript.read": ("查阅了录音转写", "read the transcript of a call"),
    "pack.made": ("导出了证据包", "exported an evidence pack"),
    "pack.downloaded": ("下载了证据包", "downloaded an evidence pack"),
}
# For a kind of reading that this version has no words for: that it happened is never left out.
OTHER: Final = ("查阅了内容", "read something")
CARE_REASON: Final = ("参与诊疗", "being on the care team")
GLASS_REASON: Final = ("紧急情况，事后有人复核", "an emergency, which a second person reviews afterwards")
FAMILY_REASON: Final = ("家人，您让看的", "family, whom you let in")


def action_words(what: str) -> dict[str, str]:
    """What a kind of reading is called, in both languages."""
    return bilingual(*ACTIONS.get(what, OTHER))


def consultation_items(patient: Person, reader: Person) -> list[dict[str, Any]]:
    """The newest consultations of a patient with their complaint and, once closed, their summary. What is sealed only the patient sees."""
    kept = ("", Consultation.Kept.SEALED) if reader.id == patient.id else ("",)
    rows = Consultation.objects.filter(patient=patient, kept__in=kept).select_related("department", "assignee")
    found = list(rows.prefetch_related("assignee__roles", "assignee__departments").order_by("-opened_at")[:LISTED])
    ids = [row.id for row in found]
    complaints = timeline.openings(ids)
    closings = timeline.latest([row.id for row in found if row.state == Consultation.State.CLOSED], "consultation.closed")
    return [_consultation_item(row, complaints[row.id], closings.get(row.id)) for row in found]


def _consultation_item(row: Consultation, opened: bytes, closed: Event | None) -> dict[str, Any]:
    department = row.department
    shown = {
        "id": row.id,
        "department": {"id": department.id, "name": bilingual(department.name_zh, department.name_en)},
        "assignee": brief(row.assignee) if row.assignee else None,
        "complaint": msgspec.json.decode(opened, type=protocol.Opened).complaint,
        "summary": msgspec.json.decode(timeline.body_of(closed), type=protocol.Closed).summary if closed else None,
        "state": row.state,
    }
    title = bilingual(f"{department.name_zh}咨询", f"{department.name_en} consultation")
    return {
        "id": row.id,
        "kind": "consultation",
        "at": row.opened_at,
        "title": title,
        "state": row.state,
        "consultation": shown,
    }


def recording_items(patient: Person, reader: Person) -> list[dict[str, Any]]:
    """The newest recorded calls of a patient that this reader may find, under the titles of their follow-ups."""
    calls = known_to(reader, Recording.objects.filter(patient=patient, origin__in=CALLS))
    rows = with_lines(calls).select_related("follow_up").order_by("-created_at")[:LISTED]
    return [
        {
            "id": row.id,
            "kind": "recording",
            "at": row.created_at,
            "title": bilingual(*_title(row)),
            "state": row.state,
            "recording": recording_brief(row),
        }
        for row in rows
    ]


def _title(row: Recording) -> tuple[str, str]:
    if row.follow_up is None:
        return IN_CONSULTATION
    words = row.follow_up.words
    return words.zh, words.en


def looks(patient: Person) -> list[dict[str, Any]]:
    """Who looked at this patient's record and consultations, newest first. Looks of one person within an hour are one.

    What was read under a grant whose terms say that the patient is told later comes TOLD_AFTER_DAYS after the reading.
    """
    require(patient, "chart.access_log", Patient(patient.id))
    leaves = Leaf.objects.filter(chain__chart__patient=patient, kind=charts.OPENED).order_by("-at")[:LOOKS]
    found = [_opened(leaf) for leaf in leaves]
    given = {g.id: g for g in AccessGrant.objects.filter(case__consultation__patient=patient)}
    for leaf in Leaf.objects.filter(chain__in=list(given), kind=grants.READ).order_by("-at")[:LOOKS]:
        grant = given[leaf.chain_id]
        if grant.tell != grants.NOW and leaf.at > now_ms() - TOLD_AFTER_MS:
            continue
        reason = GLASS_REASON if grant.urgent else PURPOSES[grant.purpose]
        found.append(_look(leaf, grants.reading(leaf).what, reason, grant.case_id))
    return _named(_merged(sorted(found, key=lambda look: look["at"], reverse=True)))


def _opened(leaf: Leaf) -> dict[str, Any]:
    _, said = charts.opening(leaf)
    reason = FAMILY_REASON if said.get("as") == charts.FAMILY else CARE_REASON
    case = UUID(said["case"]) if "case" in said else None
    return _look(leaf, said.get("what", charts.OPENED), reason, case)


def _look(leaf: Leaf, action: str, reason: tuple[str, str], consultation: UUID | None) -> dict[str, Any]:
    return {
        "at": moment(leaf.at),
        "person": UUID(msgspec.json.decode(bytes(leaf.data))["actor"]),
        "action": action_words(action),
        "reason": bilingual(*reason),
        "consultation": consultation,
    }


def _merged(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop a look that the same person continued within the hour; `found` comes newest first."""
    kept: list[dict[str, Any]] = []
    newest: dict[tuple[Any, ...], datetime] = {}
    for look in found:
        same = (look["person"], look["action"]["en"], look["consultation"])
        later = newest.get(same)
        newest[same] = look["at"]
        if later is None or later - look["at"] > SAME_LOOK:
            kept.append(look)
    return kept


def _named(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    people = Person.objects.filter(id__in={look["person"] for look in found}).prefetch_related(*BRIEF)
    names = {person.id: person for person in people}
    return [{**look, "person": brief(names[look["person"]]), "role": names[look["person"]].main_role} for look in found]
