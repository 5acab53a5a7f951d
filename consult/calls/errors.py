"""What can be refused about a call."""

from __future__ import annotations

from typing import Final

from records.errors import ErrorKind

NOBODY: Final = ErrorKind(
    "call.nobody",
    409,
    "还没有医生接诊，暂时不能通话。",
    "No doctor has taken this consultation yet, so there is nobody to call.",
)
IN_CALL: Final = ErrorKind(
    "call.in_another", 409, "您正在另一个通话里，请先结束它。", "You are in another call. Please end that one first."
)
OVER: Final = ErrorKind("call.over", 409, "这个通话已经结束。", "This call is over.")
ELSEWHERE: Final = ErrorKind("call.elsewhere", 409, "已在别处接听。", "It was answered elsewhere.")
NOT_ACTIVE: Final = ErrorKind("call.not_active", 409, "通话还没有接通。", "The call has not been answered.")
NOT_OVER: Final = ErrorKind("call.not_over", 409, "通话还没有结束。", "The call is not over yet.")
JUDGED: Final = ErrorKind("call.judged", 409, "这次通话您已经评价过了。", "You have said how this call was already.")
BAD_SLOTS: Final = ErrorKind(
    "call.slots", 422, "请选择 5 分钟以后、30 天以内的时间。", "Choose times between five minutes and 30 days from now."
)
NO_PLAN: Final = ErrorKind(
    "call.no_plan", 409, "这次约定已经有变化，请看最新的。", "This has changed. Please see the newest one."
)
SLOT_GONE: Final = ErrorKind("call.slot_gone", 409, "这个时间已经不能选了。", "This time can no longer be chosen.")
CANDIDATES: Final = ErrorKind(
    "call.candidates", 409, "连接信息太多，请重新连接。", "Too many network candidates. Please connect again."
)
NO_RECORDING: Final = ErrorKind("recording.none", 409, "现在没有录音。", "Nothing is being recorded now.")
COLLEAGUES_ONLY: Final = ErrorKind(
    "recording.colleagues_only",
    409,
    "医生之间的讨论不录音。",
    "What colleagues say among themselves is not recorded.",
)
NOT_ASKED: Final = ErrorKind(
    "recording.not_asked", 409, "没有需要您回答的录音请求。", "There is no request to record to answer."
)
OTHER_TEXT: Final = ErrorKind(
    "recording.other_text",
    409,
    "录音说明已更新，请重新阅读。",
    "The words about recording have changed. Please read them again.",
)
NO_CAPTIONS: Final = ErrorKind("captions.off", 409, "这里没有开通实时字幕。", "Live captions are not offered here.")
CAPTIONS_FULL: Final = ErrorKind(
    "captions.full",
    409,
    "现在使用字幕的通话已满，请稍后再试。",
    "As many calls as can be are captioned now. Please try again later.",
    retry=True,
)
CAPTIONS_OF_TWO: Final = ErrorKind("captions.two_only", 409, "会诊室没有实时字幕。", "Rooms have no live captions.")
CAPTIONS_NOT_ASKED: Final = ErrorKind(
    "captions.not_asked", 409, "没有需要您回答的字幕请求。", "There is no request for captions to answer."
)
NOT_CAPTIONED: Final = ErrorKind("captions.not_on", 409, "您的声音没有开字幕。", "Your voice is not being captioned.")
CAPTIONS_FAILED: Final = ErrorKind(
    "captions.unavailable",
    503,
    "实时字幕现在无法使用，通话不受影响。",
    "Live captions do not work now. The call goes on.",
    retry=True,
)
