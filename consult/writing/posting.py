"""The way into the message writer: for sockets, which hear of the commit later, and for callers that wait for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from consult import protocol
from consult.errors import BLANK
from consult.protocol import encode
from consult.writing.acts import Committed, Submission
from consult.writing.batch import MESSAGE_KIND
from consult.writing.writer import writer
from records.errors import UNAVAILABLE, Refused
from records.vault import Retention, warm

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from consult.writing.acts import Outcome

    Written = protocol.MessageSend | protocol.CursorAdvance

COMMIT_SECONDS: Final = 15.0


def plain(command: protocol.MessageSend) -> bytes:
    """The body of a message of text alone. Raises `Refused(BLANK)`."""
    if not command.text.strip():
        raise Refused(BLANK)
    return encode(protocol.Posted(command.text, command.reply_to))


def submit(person: UUID, session: str | None, command: Written, done: Callable[[Outcome], None], body: bytes = b"") -> None:
    """Queue a message (with its prepared `body`, if it has one) or a cursor move; `done` is called on the writer's thread.

    `session` None: a job of the server acts for the person. Raises `Refused`.
    """
    place = (command.consultation, person, session)
    if isinstance(command, protocol.MessageSend):
        act = Submission(
            *place,
            "message.send",
            MESSAGE_KIND,
            done,
            command.client_id,
            body or plain(command),
            reply_to=command.reply_to or 0,
        )
    else:
        act = Submission(*place, "consultation.read", None, done, delivered=command.delivered or 0, read=command.read or 0)
    writer.submit(act)


def commit(person: UUID, session: str | None, command: Written, body: bytes = b"") -> Committed:
    """Submit, and wait for the commit. An answer that does not come in time is asked for again by the caller, with the same id."""
    answers: list[Outcome] = []
    arrived = threading.Event()

    def done(outcome: Outcome) -> None:
        answers.append(outcome)
        arrived.set()

    if not writer.wait_for_room(COMMIT_SECONDS):
        raise Refused(UNAVAILABLE)
    warm(command.consultation, Retention.DIALOGUE)
    submit(person, session, command, done, body)
    if not arrived.wait(COMMIT_SECONDS):
        raise Refused(UNAVAILABLE)
    if isinstance(answers[0], Refused):
        raise answers[0]
    return answers[0]
