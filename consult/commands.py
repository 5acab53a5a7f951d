"""The command table: which action each command asks for, and what does it.

Sockets and `POST /api/commands` run the same table. Messages and cursors go to the writer; everything else is an action of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from consult import consultations, protocol
from consult.acts import Committed, Submission
from consult.batch import MESSAGE_KIND
from consult.errors import BLANK, FRAME_ERRORS
from consult.presence import still_here
from consult.protocol import Ack, Posted, encode
from consult.writer import writer
from records.errors import BAD_INPUT, SIGNED_OUT, ErrorKind, Refused
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from consult.acts import Outcome
    from consult.timeline import Appended


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
    "message.send": "message.send",
    "cursor.advance": "consultation.read",
    "timeline.follow": "consultation.read",
    "timeline.unfollow": None,
    "typing": "consultation.read",
    "ping": None,
}


def submission(
    caller: Caller, command: protocol.MessageSend | protocol.CursorAdvance, done: Callable[[Outcome], None]
) -> Submission:
    """A message or a cursor move, ready for the writer. Raises `Refused(BLANK)`."""
    action = ACTIONS[str(command.__struct_config__.tag)]
    assert action is not None, "both are in the table"
    if isinstance(command, protocol.MessageSend):
        if not command.text.strip():
            raise Refused(BLANK)
        return Submission(
            command.consultation,
            caller.person,
            caller.session,
            action,
            MESSAGE_KIND,
            done,
            command.client_id,
            encode(Posted(command.text)),
        )
    return Submission(
        command.consultation,
        caller.person,
        caller.session,
        action,
        None,
        done,
        delivered=command.delivered or 0,
        read=command.read or 0,
    )


def submit(caller: Caller, command: protocol.MessageSend | protocol.CursorAdvance, done: Callable[[Outcome], None]) -> None:
    """Hand a message or a cursor move to the writer; `done` is called on the writer's thread."""
    writer.submit(submission(caller, command, done))


def acknowledge(command: protocol.Command, outcome: Committed) -> Ack:
    return Ack(command.id, getattr(command, "consultation", None), outcome.seq or None, outcome.at, outcome.receipt)


def _open(person: Person, command: Any) -> Ack:
    consultation, appended = consultations.open_consultation(person, command)
    return Ack(command.id, consultation.id, appended.seq, appended.at)


def _plain(command: Any, appended: Appended) -> Ack:
    return Ack(command.id, command.consultation, appended.seq, appended.at)


# Actions that run in a thread of their own transaction.
RUN: Final[dict[type[protocol.Command], Callable[[Person, Any], Ack]]] = {
    protocol.ConsultationOpen: _open,
    protocol.ConsultationClaim: lambda person, c: _plain(c, consultations.claim(person, c.consultation)),
    protocol.ConsultationReturn: lambda person, c: _plain(c, consultations.give_back(person, c.consultation, c.reason)),
    protocol.ConsultationClose: lambda person, c: _plain(c, consultations.close(person, c)),
    protocol.ConsultationReopen: lambda person, c: _plain(c, consultations.reopen(person, c.consultation, c.reason)),
}


def run(caller: Caller, command: protocol.Command) -> Ack:
    """Do one action for a caller whose session and account are looked at again now. Blocking; raises `Refused`."""
    return RUN[type(command)](present(caller), command)


def present(caller: Caller) -> Person:
    """The caller as a person, if the session still lives and the account is active; else `Refused(SIGNED_OUT)`."""
    if not still_here([(caller.person, caller.session)]):
        raise Refused(SIGNED_OUT)
    return Person.objects.get(id=caller.person)


def bad_frame(problem: protocol.BadFrame) -> Refused:
    """What a frame that is no command is told."""
    kind: ErrorKind = FRAME_ERRORS.get(problem.code, BAD_INPUT)
    fields = {problem.field: {"zh": "这一项不对。", "en": "This is not valid."}} if problem.field else None
    return Refused(kind, fields)
