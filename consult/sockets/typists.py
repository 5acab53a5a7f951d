"""Who shows that they are typing: whoever may write in a thread. Kept for a while, for whoever types goes on. Lives on the hub's loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from consult import commands
from consult.commands import Caller
from consult.threads import in_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from consult.presence import Socket
    from consult.protocol import TypingCommand

ASKED_AGAIN_SECONDS: Final = 10.0
FORGOTTEN_AT: Final = 1_000  # so many remembered: then those whose time is over are let go


class Typists:
    """`show` is told of each who starts or stops: socket, thread, and the kind of ring for it."""

    def __init__(self, show: Callable[[Socket, UUID, str], None]) -> None:
        self._show = show
        self._until: dict[tuple[UUID, str, UUID], float] = {}  # person, session and thread -> on the loop's clock
        self._full = FORGOTTEN_AT

    async def typed(self, socket: Socket, command: TypingCommand) -> None:
        """Nobody waits for an answer, and who may not write there gets none."""
        about, now = (socket.person, socket.session, command.consultation), asyncio.get_running_loop().time()
        if self._until.get(about, now) <= now:
            caller = Caller(socket.person, socket.session)
            if not command.on or not await in_database(commands.may_write, caller, command.consultation):
                return
            self._remember(about, now)
        self._show(socket, command.consultation, "typing-on" if command.on else "typing-off")

    def _remember(self, about: tuple[UUID, str, UUID], now: float) -> None:
        if len(self._until) >= self._full:
            self._until = {known: until for known, until in self._until.items() if until > now}
            self._full = max(FORGOTTEN_AT, 2 * len(self._until))
        self._until[about] = now + ASKED_AGAIN_SECONDS
