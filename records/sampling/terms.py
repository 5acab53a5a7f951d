"""The words of quality sampling: what is looked for, how bad it is, and how sampling refuses."""

from __future__ import annotations

from typing import Final

from records.errors import ErrorKind

# What a reviewer may find, from a standard list, so that samples can be compared.
FINDINGS: Final = {
    "safety": ("安全", "Safety"),
    "clarity": ("表达清楚", "Clarity"),
    "completeness": ("完整", "Completeness"),
    "empathy": ("人文关怀", "Empathy"),
    "timeliness": ("及时", "Timeliness"),
    "privacy": ("隐私", "Privacy"),
}
SEVERITIES: Final = {"minor": ("轻微", "minor"), "major": ("重要", "major"), "critical": ("严重", "critical")}
CLEAN, FOUND, UNREADABLE = "clean", "found", "unreadable"
VERDICTS: Final = {
    CLEAN: ("未发现问题", "nothing found"),
    FOUND: ("发现问题", "findings"),
    UNREADABLE: ("无法查阅", "could not be read"),
}
PURPOSE: Final = "quality"
CONTENT: Final = ("attachments", "conversation")
MAX_SIZE: Final = 100
MAX_HOURS: Final = 14 * 24  # a sample takes longer to read than a case

DRAWN, JOINED, REVIEWED, RESOLVED, CONFIRMED, SIGNED, CLOSED, EXPORTED = (
    "sample.drawn", "sample.joined", "sample.reviewed", "sample.resolved", "sample.confirmed", "sample.signed", "sample.closed",
    "sample.exported",
)  # fmt: skip
# How a case that two raters graded differently gets one verdict.
TALK, THIRD = "talk", "third"
HOW: Final = {TALK: ("两位抽查人商定", "agreed by both raters"), THIRD: ("第三人裁定", "decided by a third person")}

TOO_FEW: Final = ErrorKind(
    "sample.too_few",
    422,
    "这段时间内结束的咨询不够抽取这么多。",
    "Fewer consultations were closed in this period than the sample needs.",
)
NOT_READ: Final = ErrorKind(
    "sample.not_read", 409, "请先查阅这个案件，再写结论。", "Please read the case before you say what you found."
)
INCOMPLETE: Final = ErrorKind("sample.incomplete", 409, "还有案件没有结论，不能签字。", "Some cases have no verdict yet.")
OVER: Final = ErrorKind(
    "sample.signed_already", 409, "这次抽查已经签字，不能再修改。", "This sample was signed and cannot be changed."
)
NOT_SIGNED: Final = ErrorKind("sample.not_signed", 409, "抽查人还没有签字。", "The reviewer has not signed this sample yet.")
NOT_FIT: Final = ErrorKind(
    "sample.rater_not_fit",
    422,
    "第二位抽查人需要是另一位在岗的合规人员。",
    "The second rater has to be another active officer.",
)
NOT_JOINED: Final = ErrorKind(
    "sample.rater_not_joined", 409, "第二位抽查人还没有参加。", "The second rater has not taken part in this sample yet."
)
JOINED_ALREADY: Final = ErrorKind(
    "sample.joined_already", 409, "您已经参加了这次抽查。", "You take part in this sample already."
)
BLIND: Final = ErrorKind(
    "sample.blind",
    409,
    "两位抽查人都签字后才能看到彼此的结论。",
    "What the raters found is seen once both have signed.",
)
AGREED_ON: Final = ErrorKind(
    "sample.agreed_on", 409, "两位抽查人对这个案件没有分歧。", "Both raters graded this case alike, or it is resolved."
)
UNRESOLVED: Final = ErrorKind(
    "sample.unresolved", 409, "还有案件的分歧没有解决。", "Some cases that the raters graded differently are not resolved."
)
NOTHING_TO_CONFIRM: Final = ErrorKind(
    "sample.nothing_to_confirm", 409, "没有等您确认的结论。", "There is nothing of this case that waits for your word."
)
