"""What can be refused about a room."""

from __future__ import annotations

from typing import Final

from records.errors import ErrorKind

OFF: Final = ErrorKind("room.off", 409, "本院没有开通会诊室。", "Rooms for several people are not set up in this hospital.")
FULL: Final = ErrorKind("room.full", 409, "会诊室已满，最多 6 人。", "The room is full: six people at most.")
BUSY: Final = ErrorKind("room.busy", 409, "对方正在另一个通话里。", "They are in another call.")
STRANGER: Final = ErrorKind(
    "room.stranger",
    422,
    "只能邀请参与讨论的同事；与患者的会诊室也可以邀请患者。",
    "Only colleagues of the discussion can be invited, and the patient to the case's own room.",
)
NO_MEDIA: Final = ErrorKind(
    "room.no_media",
    503,
    "会诊室服务暂时不可用，请稍后再试。",
    "The media server cannot be reached. Please try again.",
    retry=True,
)
