"""The command table: which action each command asks for, and what does it.

Sockets and `POST /api/commands` run the same table. Messages and cursors go to the writer; everything else is an action of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from consult import audiences, callers, consultations, protocol
from consult.calls import acts, captions, consent, hearing, photos, plans
from consult.conversation import messages, sides
from consult.doorbell import Ring, ring
from consult.errors import FRAME_ERRORS
from consult.protocol import Ack, arrangements, calls, rooms
from consult.protocol.arrangements import ARRANGEMENT_COMMANDS
from consult.protocol.calls import CALL_COMMANDS
from consult.protocol.captions import CAPTION_COMMANDS, CaptionsConsent, CaptionsRequest, CaptionsStop
from consult.protocol.rooms import ROOM_COMMANDS
from consult.rooms import acts as seating
from consult.writing import posting
from consult.writing.acts import Committed
from records.errors import BAD_INPUT, SIGNED_OUT, ErrorKind, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from consult.timeline import Appended
    from records.people import Person


NEEDS_SOCKET: Final = ErrorKind("command.needs_socket", 400, "这个操作需要实时连接。", "This command needs a live connection.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, through which session."""

    person: UUID
    session: str
    line: str = ""  # the socket; empty for those who poll


# Which rule of `records.access` each command is subject to. None: it concerns nobody but the caller.
ACTIONS: Final[dict[str, str | None]] = {
    "consultation.open": "consultation.open",
    "consultation.claim": "consultation.claim",
    "consultation.return": "consultation.return",
    "consultation.close": "consultation.close",
    "consultation.reopen": "consultation.reopen",
    "consultation.extend": "consultation.extend",
    "message.send": "message.send",
    "message.retract": "message.retract",
    "message.correct": "message.correct",
    "side.open": "side.open",
    "side.invite": "side.invite",
    "cursor.advance": "consultation.read",
    "timeline.follow": "consultation.read",
    "timeline.unfollow": None,
    "typing": "message.send",
    "ping": None,
    **dict.fromkeys((str(command.__struct_config__.tag) for command in ARRANGEMENT_COMMANDS), "call.join"),
    **dict.fromkeys((str(command.__struct_config__.tag) for command in (*CALL_COMMANDS, *CAPTION_COMMANDS)), "call.join"),
    **dict.fromkeys((str(command.__struct_config__.tag) for command in ROOM_COMMANDS), "room.join"),
    "room.open": "room.open",
    **dict.fromkeys(("room.invite", "room.remove", "room.close"), "room.host"),
}


def prepare(caller: Caller, command: protocol.MessageSend) -> bytes:
    """The body of a message that needs looking up (`messages.needs_preparing`). Blocking; raises `Refused`."""
    return messages.prepare(present(caller), command)


def acknowledge(command: protocol.Command, outcome: Committed) -> Ack:
    return Ack(command.id, getattr(command, "consultation", None), outcome.seq or None, outcome.at, outcome.receipt)


def _open(person: Person, command: Any) -> Ack:
    consultation, appended = consultations.open_consultation(person, command)
    return Ack(command.id, consultation.id, appended.seq, appended.at)


def _plain(command: Any, appended: Appended) -> Ack:
    return Ack(command.id, command.consultation, appended.seq, appended.at)


def _open_side(person: Person, command: Any) -> Ack:
    side, appended = sides.open_beside(person, command)
    return Ack(command.id, side, appended.seq, appended.at)


def _judge(person: Person, command: Any) -> Ack:
    case, appended = hearing.judge(person, command)
    return Ack(command.id, case, appended.seq, appended.at)


def _typing(person: Person, command: Any) -> Ack:
    """For those who poll: what comes over a socket goes to the hub at once."""
    audiences.load(person, command.consultation, "message.send")
    ring(Ring("typing-on" if command.on else "typing-off", command.consultation, 0, (person.id,)))
    return Ack(command.id)


def _act(action: Callable[[Person, Any], Appended]) -> Callable[[Person, Any], Ack]:
    return lambda person, command: _plain(command, action(person, command))


# Actions that run in a thread of their own transaction.
RUN: Final[dict[type[protocol.Command], Callable[[Person, Any], Ack]]] = {
    protocol.ConsultationOpen: _open,
    protocol.ConsultationClaim: lambda person, c: _plain(c, consultations.claim(person, c.consultation)),
    protocol.ConsultationReturn: _act(consultations.give_back),
    protocol.ConsultationClose: _act(consultations.close),
    protocol.ConsultationReopen: _act(consultations.reopen),
    protocol.ConsultationExtend: _act(consultations.extend),
    protocol.MessageRetract: _act(messages.retract),
    protocol.MessageCorrect: _act(messages.correct),
    protocol.SideOpen: _open_side,
    protocol.SideInvite: _act(sides.invite),
    protocol.TypingCommand: _typing,
    arrangements.CallJudge: _judge,
    arrangements.CallPropose: _act(plans.propose),
    arrangements.CallAgree: _act(plans.agree),
    arrangements.CallUnplan: _act(plans.unplan),
}


def _decline(person: Person, command: Any, line: str) -> UUID:
    """What was said with it is a message of the conversation, as sealed as any other."""
    case = acts.decline(person, command, line)
    if command.note.strip():
        said = protocol.MessageSend(command.id, case, f"declined-{command.call.hex}", command.note)
        posting.commit(person.id, None, said)
    return case


# What only a socket can ask for: a call is between two of them. The line is that socket's.
CALLS: Final[dict[type[protocol.Command], Callable[[Person, Any, str], Any]]] = {
    calls.CallInvite: acts.invite,
    calls.CallRinging: lambda person, c, _: acts.show(person, c),
    calls.CallAccept: acts.accept,
    calls.CallDecline: _decline,
    calls.CallHangup: lambda person, c, _: acts.hang_up(person, c),
    calls.CallResume: acts.resume,
    calls.CallAskPhoto: photos.ask,
    calls.RecordingRequest: consent.request,
    calls.RecordingConsent: consent.answer,
    calls.RecordingStop: lambda person, c, _: consent.stop(person, c),
    CaptionsRequest: captions.request,
    CaptionsConsent: captions.answer,
    CaptionsStop: lambda person, c, _: captions.stop(person, c),
    rooms.RoomOpen: seating.open_room,
    rooms.RoomInvite: lambda person, c, _: seating.invite(person, c),
    rooms.RoomJoin: seating.join,
    rooms.RoomRemove: lambda person, c, _: seating.remove(person, c),
    rooms.RoomClose: lambda person, c, _: seating.close(person, c),
}

OF_CALLS: Final = frozenset((*CALL_COMMANDS, *CAPTION_COMMANDS, *ROOM_COMMANDS))
TAKES_SEAT: Final = (calls.CallInvite, calls.CallAccept, calls.CallResume, rooms.RoomOpen, rooms.RoomJoin)


def run_call(caller: Caller, command: Any) -> Ack:
    """Do one act of a call for the socket that asks. Blocking; raises `Refused`."""
    done = CALLS[type(command)](present(caller), command, caller.line)
    return Ack(command.id, call=done if isinstance(command, calls.CallInvite | rooms.RoomOpen) else command.call)


def run(caller: Caller, command: protocol.Command) -> Ack:
    """Do one action for a caller whose session and account are looked at again now. Blocking; raises `Refused`."""
    return RUN[type(command)](present(caller), command)


def may_write(caller: Caller, thread: UUID) -> bool:
    """Whether what this caller writes in the thread would be taken. Blocking."""
    person, found = callers.present(caller.person, caller.session), audiences.find(thread)
    return person is not None and found is not None and found.may(person, "message.send")


def present(caller: Caller) -> Person:
    """The caller as a person, if the session still lives and the account is active; else `Refused(SIGNED_OUT)`."""
    person = callers.present(caller.person, caller.session)
    if person is None:
        raise Refused(SIGNED_OUT)
    return person


def bad_frame(problem: protocol.BadFrame) -> Refused:
    """What a frame that is no command is told."""
    kind: ErrorKind = FRAME_ERRORS.get(problem.code, BAD_INPUT)
    fields = {problem.field: {"zh": "这一项不对。", "en": "This is not valid."}} if problem.field else None
    return Refused(kind, fields)
