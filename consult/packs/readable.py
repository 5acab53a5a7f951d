"""What an evidence pack shows to human eyes: who did what when, and what was said. Nothing is proven by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from consult import timeline
from consult.calls import words
from records.ledger.audit import iso
from records.pack.parts import Line, PersonLine, Sentence, Spoken
from records.people import Person, Role
from records.views import bilingual
from transcription import transcripts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from consult.models import Event
    from records.retention.contents import Told
    from transcription.models import Transcript

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
    "call.invited": ("发起通话", "called"),
    "call.answered": ("接听", "answered the call"),
    "call.dropped": ("通话断开", "the connection of the call was lost"),
    "call.returned": ("重新接上通话", "the connection of the call was back"),
    "call.ended": ("通话结束", "the call ended"),
    "recording.asked": ("请求录音", "asked to record the call"),
    "recording.answered": ("回答录音请求", "answered whether it may be recorded"),
    "recording.started": ("开始录音", "recording started"),
    "recording.stopped": ("录音停止", "recording stopped"),
    "recording.silent": ("一方没有录上音", "one side was not being recorded"),
    **words.KINDS,
}
OTHER: Final = (
    "其他",
    "did something else",
)  # for a kind that this version has no words for: that it happened is never left out
BESIDE: Final = ("内部讨论：", "among staff: ")
WORDS: Final = ("complaint", "text", "summary", "advice", "reason")


WHY: Final = {
    "maximum": ("保存期限已满", "its time of keeping was over"),
    "replay": ("恢复备份之后再次销毁", "again, after a backup was restored"),
    "request": ("患者申请删除", "the patient asked for it"),
}


def line(case: UUID, row: Event, people: Mapping[UUID, Person], gone: str | None) -> Line:
    """`gone`: what is said in place of words that were destroyed."""
    text = _said(row) if gone is None else gone
    sender = people.get(row.sender_id) if row.sender_id else None
    beside = BESIDE if row.thread_id != case else ("", "")
    kind = bilingual(*(mark + words for mark, words in zip(beside, KINDS.get(row.kind, OTHER), strict=True)))
    return Line(case, row.thread_id, row.at, row.seq, sender.name if sender else "", kind, text)


def destroyed_by(stone: Told) -> str:
    """What a tombstone says, in words."""
    zh, en = WHY[stone.why]
    number, day = stone.number, str(iso(stone.at))[:10]
    return f"已按销毁记录 #{number} 于 {day} 销毁：{zh} · shredded under destruction record #{number} on {day}: {en}"


def _said(row: Event) -> str:
    said = msgspec.json.decode(timeline.body_of(row))
    if row.kind in words.KINDS:
        return words.told(row.kind, said)
    own = [str(said[word]) for word in WORDS if said.get(word)]
    return "\n".join([*own, *(f"[{carried['name']}]" for carried in said.get("attachments", ()))])


def spoken(case: UUID, row: Transcript, chart: UUID) -> Spoken:
    """One version of what was said in a recording."""
    sentences = [Sentence(one["start"], one["speaker"], one["text"]) for one in transcripts.opened(row)["segments"]]
    at = int(row.recording.created_at.timestamp() * 1000)
    return Spoken(case, chart, row.seq, at, row.version, row.author.name if row.author else "", sentences)


def person_line(person: Person, patients: Collection[UUID], relatives: Mapping[UUID, Mapping[str, str]]) -> PersonLine:
    """`patients`: those of the cases; `relatives`: whom they let in -> whose family that is. Who is only family is no patient here."""
    kin = relatives.get(person.id)
    roles = [] if kin and person.main_role == Role.PATIENT and person.id not in patients else [ROLES[Role(person.main_role)]]
    if kin:
        roles.append((kin["zh"], kin["en"]))
    zh, en = zip(*roles, strict=True)
    return PersonLine(person.id, person.name, bilingual("、".join(zh), ", ".join(en)))
