"""The command table: which action each command asks for, and what does it.

Sockets and `POST /api/commands` run the same table. Messages and cursors go to the writer; everything else is an action of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from consult import audiences, callers, consultations, messages, protocol, sides
from consult.acts import Committed
from consult.doorbell import Ring, ring
from consult.errors import FRAME_ERRORS
from consult.protocol import Ack
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
    "typing": "consultation.read",
    "ping": None,
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


def _typing(person: Person, command: Any) -> Ack:
    """For those who poll: what comes over a socket goes to the hub at once."""
    audiences.load(person, command.consultation, "consultation.read")
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
}


def run(caller: Caller, command: protocol.Command) -> Ack:
    """Do one action for a caller whose session and account are looked at again now. Blocking; raises `Refused`."""
    return RUN[type(command)](present(caller), command)


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
