"""A session at the media server ends with everything that it had open."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, unix_serve

from consult.rooms import janus
from consult.rooms.media import MediaError
from consult.rooms.videoroom import VideoRoom


async def test_a_session_that_timed_out_closes_its_socket_and_says_nothing_more(tmp_path: Path) -> None:
    closed = asyncio.Event()

    async def forgetful(socket: ServerConnection) -> None:
        async for text in socket:
            asked = json.loads(text)
            await socket.send(json.dumps({"janus": "success", "transaction": asked["transaction"], "data": {"id": 1}}))
            await socket.send(json.dumps({"janus": "timeout", "session_id": 1}))
        closed.set()

    path = str(tmp_path / "janus")
    async with unix_serve(forgetful, path, subprotocols=["janus-protocol"]), asyncio.timeout(10):
        before = asyncio.all_tasks()
        session = await janus.opened(path, "secret")
        await session.gone.wait()
        await closed.wait()
        while left := {task for task in asyncio.all_tasks() - before if not task.done() and "Session" in repr(task)}:
            await asyncio.wait(left)


async def test_a_session_in_which_nothing_can_be_done_is_closed(tmp_path: Path) -> None:
    """Janus answers, and has no VideoRoom plugin: every device that tries again opens another session."""
    opened = closed = 0

    async def bare(socket: ServerConnection) -> None:
        nonlocal opened, closed
        opened += 1
        async for text in socket:
            asked = json.loads(text)
            answer: dict[str, object] = {"janus": "success", "transaction": asked["transaction"], "data": {"id": 1}}
            if asked["janus"] == "attach":
                answer |= {"janus": "error", "error": {"code": 460, "reason": "no such plugin"}}
            await socket.send(json.dumps(answer))
        closed += 1

    path = str(tmp_path / "janus")
    before = asyncio.all_tasks()
    async with unix_serve(bare, path, subprotocols=["janus-protocol"]), asyncio.timeout(10):
        server = VideoRoom(path, "secret", "admin")
        for _ in range(2):
            with pytest.raises(MediaError):
                await server.rooms()
        while left := {task for task in asyncio.all_tasks() - before if not task.done() and "Session" in repr(task)}:
            await asyncio.wait(left)
    assert (opened, closed) == (2, 2)
