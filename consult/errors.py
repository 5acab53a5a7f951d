"""What can be refused in a live consultation."""

from __future__ import annotations

from typing import Final

from records.errors import BAD_INPUT, ErrorKind

MALFORMED: Final = ErrorKind("frame.malformed", 400, "收到的内容读不懂。", "The frame is not valid JSON of the protocol.")
UNKNOWN_TYPE: Final = ErrorKind("frame.unknown_type", 400, "不认识的操作。", "Unknown command.")
TOO_BIG: Final = ErrorKind("frame.too_big", 413, "内容太长，请分几条发送。", "Too long. Please send it in several messages.")
BLANK: Final = ErrorKind("message.blank", 422, "还没有写内容。", "There is nothing written yet.")
CLOSED: Final = ErrorKind(
    "consultation.closed_already",
    409,
    "这次咨询已经结束，可以重新打开后继续。",
    "This consultation is closed. Reopen it to continue.",
)
NOT_CLOSED: Final = ErrorKind("consultation.not_closed", 409, "这次咨询还没有结束。", "This consultation is not closed.")
ERASURE_ASKED: Final = ErrorKind(
    "consultation.erasure_asked",
    409,
    "您已申请删除这次咨询，不能再继续。请新建一次咨询。",
    "You asked for this consultation to be erased, so it cannot go on. Please start a new one.",
)
TAKEN: Final = ErrorKind("consultation.taken", 409, "另一位医生已经接诊。", "Another doctor has taken this consultation.")
CONSENT: Final = ErrorKind(
    "consent.missing", 422, "需要您同意咨询须知和隐私说明。", "Please agree to the consultation terms and the privacy notice."
)
NO_SUCH_MESSAGE: Final = ErrorKind("message.gone", 409, "这条消息已经不在了。", "That message is not there any more.")
NOT_YOURS: Final = ErrorKind(
    "message.not_yours", 403, "只能撤回或更正自己的消息。", "You can only take back or correct your own messages."
)
TOO_LATE: Final = ErrorKind(
    "message.too_late", 409, "发出超过两分钟，不能撤回了。", "Sent more than two minutes ago, so it cannot be taken back."
)
NO_MENTIONS: Final = ErrorKind(
    "message.mentions", 422, "只有内部讨论里可以提到同事。", "Colleagues can be mentioned only in a discussion among staff."
)
NO_COLLEAGUE: Final = ErrorKind(
    "side.no_colleague", 422, "只能邀请在职的医生或护士。", "Only clinicians of the hospital can be asked in."
)
NOTHING_GIVEN: Final = ErrorKind("terms.nothing", 422, "请填写要增加的次数或时间。", "Say how many questions or hours to add.")
ROUNDS_USED: Final = ErrorKind(
    "terms.rounds",
    409,
    "这次咨询的追问次数用完了，点“继续这次咨询”可以接着问。",
    "You have used all questions of this consultation. Choose “Continue this consultation” to go on.",
)
TIME_OVER: Final = ErrorKind(
    "terms.time",
    409,
    "这次咨询的服务时间到了，点“继续这次咨询”可以接着问。",
    "The time of this consultation is over. Choose “Continue this consultation” to go on.",
)
LICENCE: Final = ErrorKind(
    "credential.lapsed", 403, "执业资质已过期，暂时不能回复。", "Your licence to practise has lapsed, so you cannot reply."
)
ORIGIN: Final = ErrorKind("origin.refused", 403, "请从医院的网址打开。", "Please open this from the hospital's own address.")
TICKET: Final = ErrorKind(
    "socket.ticket",
    403,
    "连接凭证已失效，正在重新连接。",
    "The ticket for this connection is over. Connecting again.",
    retry=True,
)
SLOW: Final = ErrorKind(
    "reader.slow", 408, "网络太慢，正在重新连接。", "The connection is too slow and is being reopened.", retry=True
)

FRAME_ERRORS: Final = {kind.code: kind for kind in (MALFORMED, UNKNOWN_TYPE, TOO_BIG, BAD_INPUT)}
