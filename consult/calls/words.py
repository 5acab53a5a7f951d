"""What a call's acts say, in both languages, for evidence packs and a patient's own copy: codes and figures are nobody's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from records.ledger.chains import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Words = tuple[str, str]

KINDS: Final[dict[str, Words]] = {
    "call.invited": ("发起通话", "called"),
    "call.answered": ("接听通话", "answered the call"),
    "call.dropped": ("通话中断线", "a device lost its connection to the call"),
    "call.returned": ("回到通话", "came back to the call"),
    "call.ended": ("通话结束", "the call ended"),
    "call.judged": ("评价通话质量", "said how the call was"),
    "call.photo_asked": ("请患者发照片", "asked the patient for a photo"),
    "call.proposed": ("提出通话时间", "proposed times for a call"),
    "call.agreed": ("约定通话时间", "agreed on a time for a call"),
    "call.unplanned": ("取消通话约定", "took back a time for a call"),
    "call.due": ("提醒约定的通话", "reminded of the call agreed on"),
    "recording.asked": ("请求录下通话", "asked to record the call"),
    "recording.answered": ("答复录音请求", "answered whether it may be recorded"),
    "recording.started": ("开始录音", "recording began"),
    "recording.stopped": ("停止录音", "recording stopped"),
    "recording.silent": ("没有收到录音", "no recording arrived"),
    "captions.asked": ("请求实时字幕", "asked for live captions"),
    "captions.answered": ("答复字幕请求", "answered whether their voice may be captioned"),
    "captions.stopped": ("关闭实时字幕", "turned live captions off"),
    "room.opened": ("打开会诊室", "opened a room"),
    "room.invited": ("邀请进入会诊室", "invited somebody to the room"),
    "room.joined": ("进入会诊室", "joined the room"),
    "room.left": ("离开会诊室", "somebody left the room"),
    "room.closed": ("会诊室关闭", "the room ended"),
}
STATES: Final[dict[str, Words]] = {
    "ended": ("已接通", "answered"),
    "declined": ("被拒绝", "declined"),
    "missed": ("未接听", "not answered"),
    "busy": ("对方正在通话", "the other side was in another call"),
    "cancelled": ("已取消", "taken back"),
    "failed": ("没有连上", "no connection"),
}
REASONS: Final[dict[str, Words]] = {
    "no_connection": ("连接中断", "the connection was lost"),
    "no_device": ("设备不可用", "no device could be used"),
    "not_allowed": ("不再有权参加", "somebody might take part no longer"),
    "closed": ("咨询已结束", "the consultation was closed"),
    "later": ("稍后联系", "later"),
    "all_agreed": ("双方都同意", "everybody agreed"),
    "withdrawn": ("撤回了同意", "consent was taken back"),
    "call_ended": ("通话结束", "the call ended"),
    "joined": ("有人加入", "somebody joined"),
}
OF_ROOMS: Final[dict[str, Words]] = {
    "no_connection": REASONS["no_connection"],
    "not_allowed": REASONS["not_allowed"],
    "declined": ("没有进入", "did not come in"),
    "removed": ("被请出", "was taken out"),
    "no_answer": ("没有应答", "no answer"),
    "empty": ("所有人都已离开", "everybody had left"),
    "expired": ("到时自动关闭", "its time ran out"),
}
MEDIA: Final[dict[bool, Words]] = {False: ("语音", "voice"), True: ("视频", "video")}
HEARD: Final[dict[str, Words]] = {
    "good": ("听得清", "could hear and see"),
    "not_heard": ("听不清", "could not hear well"),
    "not_seen": ("看不清", "could not see well"),
}
AGREED: Final[dict[bool, Words]] = {True: ("同意", "yes"), False: ("不同意", "no")}


def told(kind: str, body: Mapping[str, Any]) -> str:
    """One line; empty for an act whose kind says it all, and for an act of no call."""
    tell = _TELL.get(kind)
    return " · ".join(zh if zh == en else f"{zh} {en}" for zh, en in tell(body)) if tell else ""


def _media(body: Mapping[str, Any]) -> list[Words]:
    return [MEDIA["video" in body["media"]]]


def _ended(body: Mapping[str, Any]) -> list[Words]:
    seconds = body["duration_s"]
    length = [] if seconds is None else [_length(seconds)]
    poor = [(f"其中 {body['poor_s']} 秒质量差", f"{body['poor_s']} s of it bad")] if body["poor_s"] else []
    return [STATES[body["state"]], *length, *_why(body), *poor]


def _judged(body: Mapping[str, Any]) -> list[Words]:
    figures = [
        ("往返 {} 毫秒", "round trip {} ms", body["rtt_ms"]),
        ("丢包 {}‰", "{} in 1000 packets lost", body["loss_permille"]),
    ]
    return [HEARD[body["heard"]], *((zh.format(n), en.format(n)) for zh, en, n in figures if n is not None)]


def _times(body: Mapping[str, Any]) -> list[Words]:
    return [(moment, moment) for moment in map(_moment, body.get("slots") or [body["at"]])]


def _moment(at: int) -> str:
    return timezone.localtime(moment(at)).strftime("%Y-%m-%d %H:%M")


def _closed(body: Mapping[str, Any]) -> list[Words]:
    return [_length(body["duration_s"]), *_left(body)]


def _left(body: Mapping[str, Any]) -> list[Words]:
    return [OF_ROOMS[body["reason"]]] if body["reason"] in OF_ROOMS else []


def _length(seconds: int) -> Words:
    return f"{seconds // 60} 分 {seconds % 60} 秒", f"{seconds // 60} min {seconds % 60} s"


def _why(body: Mapping[str, Any]) -> list[Words]:
    return [REASONS[body["reason"]]] if body["reason"] in REASONS else []


def _sheet(body: Mapping[str, Any]) -> list[Words]:
    version = body["text_version"]
    return [(f"说明版本 {version}", f"sheet {version}")]


_TELL: Final[dict[str, Callable[[Mapping[str, Any]], list[Words]]]] = {
    "call.invited": _media,
    "call.answered": _media,
    "call.ended": _ended,
    "call.judged": _judged,
    "call.proposed": _times,
    "call.agreed": _times,
    "call.due": _times,
    "recording.asked": _sheet,
    "recording.answered": lambda body: [AGREED[body["granted"]], *_sheet(body)],
    "recording.started": _why,
    "recording.stopped": _why,
    "captions.asked": _sheet,
    "captions.answered": lambda body: [AGREED[body["granted"]], *_sheet(body)],
    "room.opened": _media,
    "room.left": _left,
    "room.closed": _closed,
}
