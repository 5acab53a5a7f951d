"""From a frame to a command, or to what is wrong with it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from consult.protocol.calls import MAX_SDP_BYTES
from consult.protocol.commands import COMMANDS, AnyCommand
from consult.protocol.rooms import MAX_ROOM_SDP_BYTES
from consult.protocol.values import MAX_ID_CHARS

MAX_FRAME_BYTES: Final = 64 * 1024
MAX_ROOM_FRAME_BYTES: Final = MAX_ROOM_SDP_BYTES + 16 * 1024  # with the escapes of its line ends
_decode = msgspec.json.Decoder(AnyCommand).decode
_peek = msgspec.json.Decoder(dict[str, Any]).decode


class _Tagged(msgspec.Struct):
    type: str


_kind = msgspec.json.Decoder(_Tagged).decode


class BadFrame(Exception):
    """The frame is not a command. `request` is its id where one could be read; `field` the member at fault, if any."""

    def __init__(self, code: str, request: str | None = None, field: str | None = None) -> None:
        super().__init__(code)
        self.code, self.request, self.field = code, request, field


def parse(text: str | bytes) -> AnyCommand:
    """One frame to one command, or `BadFrame` with code frame.malformed, frame.unknown_type, frame.too_big (an SDP) or bad_input."""
    try:
        command: AnyCommand = _decode(text)
    except msgspec.ValidationError as error:
        raise _explain(text, str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadFrame("frame.malformed") from None
    return command


def parse_bounded(text: str | bytes) -> AnyCommand:
    """`parse` of a frame of at most MAX_FRAME_BYTES, MAX_ROOM_FRAME_BYTES where it is what a device says to the media server of a room; a
    longer one is not read: `BadFrame` with code frame.too_big."""
    if len(text) > MAX_FRAME_BYTES and not (len(text) <= MAX_ROOM_FRAME_BYTES and _begins(text, "room.")):
        raise BadFrame("frame.too_big")
    return parse(text)


def is_of_call(text: str | bytes) -> bool:
    """Whether a frame, however long, is one that two devices of a call say to each other, or a device to the media server of a room."""
    return _begins(text, "rtc.", "room.")


def _begins(text: str | bytes, *kinds: str) -> bool:
    try:
        return _kind(text).type.startswith(kinds)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False


def _explain(text: str | bytes, problem: str) -> BadFrame:
    """Name the field and the request, so that the client can show which message was refused and why."""
    try:
        members = _peek(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return BadFrame("frame.malformed")
    request = members.get("id")
    request = request if isinstance(request, str) and len(request) <= MAX_ID_CHARS else None
    if members.get("type") not in COMMANDS:
        return BadFrame("frame.unknown_type", request)
    if any(f"of length <= {most}" in problem for most in (MAX_SDP_BYTES, MAX_ROOM_SDP_BYTES)) and is_of_call(text):
        return BadFrame("frame.too_big", request)
    _, _, path = problem.partition(" - at `$.")
    field = path.rstrip("`").split("[")[0].split(".")[0]
    if not field and "unknown field" in problem:
        field = problem.rpartition("unknown field `")[2].split("`")[0][:64]
    return BadFrame("bad_input", request, field or None)
