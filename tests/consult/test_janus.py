"""A session at the media server ends with everything that it had open."""

import asyncio
import json
from pathlib import Path

from websockets.asyncio.server import ServerConnection, unix_serve

from consult.rooms import janus


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
