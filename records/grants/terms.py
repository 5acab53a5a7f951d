"""The words of an access grant: what may be asked for, why, for how long; and how a grant refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from records.errors import ErrorKind, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

# What of a case may be read. `conversation` is the words of the patient's thread; `discussion`: what clinicians said beside it.
CONTENT: Final = ("conversation", "attachments", "recordings", "transcripts", "discussion")
WHOLE: Final = "whole"
WITHIN_TALK: Final = frozenset({"attachments", "discussion"})  # found from the conversation, so granted only with it
# Why a case is read, in the words that its patient sees.
PURPOSES: Final = {
    "complaint": ("投诉处理", "handling a complaint"),
    "dispute": ("医疗纠纷", "a medical dispute"),
    "judicial": ("司法调取", "a request of the court"),
    "quality": ("质量控制", "quality review"),
    "regulator": ("监管检查", "an inspection by the regulator"),
    "patient": ("患者申请", "the patient's own request"),
    "safety": ("紧急情况，为了安全", "an emergency, for safety"),
}
NOW: Final = "now"
# Why the patient is told later: a closed list, so that nothing typed stands in clear in the ledger.
DELAYS: Final = ("court", "evidence", "safety")
TOLD_AFTER_DAYS: Final = 30
MAX_HOURS: Final = 72
# What is opened when the glass is broken, and for how long; how soon a second person has to look at it.
URGENT_CONTENT: Final = ("attachments", "conversation", "recordings", "transcripts")
URGENT_MINUTES: Final = 60
REVIEW_WITHIN: Final = timedelta(hours=24)
FINDINGS: Final = ("justified", "unjustified")
MAX_CASES: Final = 20
LISTED: Final = 500

REQUESTED, DECIDED, REVOKED, READ = "grant.requested", "grant.decided", "grant.revoked", "grant.read"
AGREED = "grant.agreed"  # the first of two
RETURNED, ANSWERED, COMMENTED = "grant.returned", "grant.answered", "grant.commented"
BROKEN, REVIEWED = "grant.broken", "grant.reviewed"
SEARCHED, NOTED, BOOKMARKED, REMOVED = "grant.searched", "grant.noted", "grant.bookmarked", "grant.note_removed"

NOT_WAITING: Final = ErrorKind("grant.decided_already", 409, "这份申请已经有了决定。", "This request was already decided.")
NOT_ACTIVE: Final = ErrorKind("grant.not_active", 409, "这份授权已经不在有效期内。", "This grant is no longer in force.")
NOT_RETURNED: Final = ErrorKind(
    "grant.not_returned", 409, "这份申请没有被退回，不需要补充。", "This request was not returned: it needs no answer."
)
SAME_APPROVER: Final = ErrorKind(
    "grant.needs_another",
    403,
    "敏感科室的记录需要两位审批人同意，您已经同意过，请等另一位。",
    "Records of a sensitive department take two approvers. You have agreed already; somebody else has to agree too.",
)
TOO_LONG: Final = ErrorKind(
    "grant.longer_than_asked", 422, "批准的时间不能超过申请的时间。", "You cannot approve for longer than was asked."
)
WIDER: Final = ErrorKind(
    "grant.wider_than_asked", 422, "批准的范围不能超出申请的范围。", "You cannot approve more than was asked."
)
REVIEWED_ALREADY: Final = ErrorKind(
    "grant.reviewed_already", 409, "这次紧急查阅已经复核过。", "This emergency access was already reviewed."
)
# {who}: the names of those who can review it (records/grants/glass.py).
GLASS_UNREVIEWED: Final = ErrorKind(
    "grant.glass_unreviewed",
    409,
    "您上次紧急查阅这份记录还没有复核，不能再次开启。请联系{who}先复核；如现在仍有危险，请另一位合规人员紧急查阅。",
    "Your last emergency access to this case has not been reviewed, so you cannot open it again. Ask {who} to review it; if somebody is "
    "in danger now, another officer can open it.",
)
GLASS_OVERDUE: Final = ErrorKind(
    "grant.glass_overdue",
    409,
    "您有一次紧急查阅超过 24 小时没有复核，暂不能再次紧急查阅。请联系{who}先复核；如现在有危险，请另一位合规人员紧急查阅。",
    "An emergency access of yours has gone without a review for more than 24 hours, so you cannot begin another. Ask {who} to review it; "
    "if somebody is in danger now, another officer can open the case.",
)
NEEDS_TALK: Final = ErrorKind(
    "grant.needs_conversation",
    422,
    "照片、文件和内部讨论只能和对话一起申请。",
    "Photos, documents and the discussion among staff can only be granted with the conversation.",
)
ALTERED: Final = ErrorKind(
    "grant.altered",
    409,
    "这份授权与账本中的记录不一致，已停止使用。",
    "This grant does not match what the ledger recorded. It has been stopped.",
)


def parts(content: Iterable[str]) -> list[str]:
    """Content as a grant holds it. Raises Refused(NEEDS_TALK)."""
    wanted = set(content)
    if wanted & WITHIN_TALK and "conversation" not in wanted:
        raise Refused(NEEDS_TALK)
    return sorted(wanted)
