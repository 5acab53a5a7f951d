"""The process of this server that makes captions (transcription.captioner): one for everybody who is captioned here, started with the first
of them and ended after the last.

Nothing here waits for it. What it does not take stands in a queue that holds a few seconds; once that is full, what waits is left out, and
whoever asked is told.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
from django.conf import settings

from transcription.caption_wire import Ready, Report, Said, piece

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consult.protocol.captions import Problem

logger = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "transcription.captioner")
MAX_HELD: Final = 25  # pieces of 0.4 s, of everybody together
IDLE_SECONDS: Final = 30.0
RETRY_SECONDS: Final = 10.0  # until it is started again where it failed
MAX_REPORT_BYTES: Final = 64 * 1024
_read: Final = msgspec.json.Decoder(Report).decode


class Captioner:
    """Lives on the event loop that serves the sockets."""

    def __init__(self, said: Callable[[Said], None], troubled: Callable[[], None], command: Sequence[str] = COMMAND) -> None:
        """`said` is told each line; `troubled` that `problem` is another."""
        self._said, self._troubled, self._command = said, troubled, command
        self.problem: Problem | None = None
        self._held: deque[tuple[int, bytes]] = deque()  # speaker and sound
        self._room = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._closing = False
        self._idle: asyncio.TimerHandle | None = None
        self._failed_at = -RETRY_SECONDS

    @property
    def failed(self) -> bool:
        """Whether it takes nothing for the moment."""
        return asyncio.get_running_loop().time() - self._failed_at < RETRY_SECONDS

    def hear(self, speaker: int, pcm: bytes) -> None:
        """Sound of a speaker; never waits."""
        if self.failed:
            return
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._serving is None:
            self._closing = False
            self._serving = asyncio.get_running_loop().create_task(self._serve())
            self._turn("starting")
        if len(self._held) >= MAX_HELD:
            self._leave_out()
        self._hold(speaker, pcm)

    def forget(self, speaker: int, *, last: bool) -> None:
        """This speaker is captioned no more; `last`: nobody is."""
        if self._serving is None:
            return
        self._held = deque(one for one in self._held if one[0] != speaker)
        self._hold(speaker, b"")
        if last and self._idle is None:
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.close)

    def close(self) -> None:
        """End the process."""
        self._closing = True
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def _leave_out(self) -> None:
        """All that waits, at once: of sound with holes in it a model makes words that nobody said. Each speaker's next line begins anew."""
        speakers = dict.fromkeys(speaker for speaker, _ in self._held)
        self._held.clear()
        for speaker in speakers:
            self._hold(speaker, b"")
        self._turn(self.problem or "overloaded")

    async def ended(self) -> None:
        """Return once there is no process."""
        if self._serving is not None:
            await asyncio.wait([self._serving])

    def _hold(self, speaker: int, pcm: bytes) -> None:
        self._held.append((speaker, pcm))
        self._room.set()

    def _turn(self, problem: Problem | None) -> None:
        if problem != self.problem:
            self.problem = problem
            self._troubled()

    async def _serve(self) -> None:
        try:
            await self._run()
        except (OSError, ValueError, msgspec.DecodeError) as error:
            logger.warning("captions broke off: %s", type(error).__name__)
        self._held.clear()
        self._serving = None
        if not self._closing:
            self._failed_at = asyncio.get_running_loop().time()
            self._turn("unavailable")

    async def _run(self) -> None:
        """Until the process ends by itself, says that it cannot, or is closed. Raises OSError, or what a broken report raises."""
        process = await self._start()
        assert process.stdin is not None, "it was asked for"
        assert process.stdout is not None, "it was asked for"
        self._process = process
        if self._closing:
            process.kill()
        feeding = asyncio.create_task(self._feed(process.stdin))
        try:
            await self._listen(process.stdout)
        finally:
            self._process = None
            feeding.cancel()
            await _end(process)

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=settings.BASE_DIR,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            limit=MAX_REPORT_BYTES,
        )

    async def _feed(self, stdin: asyncio.StreamWriter) -> None:
        """One piece after the other, as it takes them."""
        stdin.transport.set_write_buffer_limits(high=0)
        while True:
            while self._held:
                stdin.write(piece(*self._held.popleft()))
                await stdin.drain()
            if self.problem == "overloaded":
                self._turn(None)
            self._room.clear()
            await self._room.wait()

    async def _listen(self, stdout: asyncio.StreamReader) -> None:
        """Until it ends, or says that it cannot."""
        while line := await stdout.readline():
            match _read(line):
                case Said() as said:
                    self._said(said)
                case Ready():
                    self._turn(None)
                case _:
                    return


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.communicate()  # reads what is left, and closes both pipes
