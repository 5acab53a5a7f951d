"""The second server for the same application: Wang asks and Dr Zhao hears under uvicorn as under Daphne."""

import asyncio
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.consult.device import browser, device, socket_of, texts
from tests.deployment import Deployment


@pytest.mark.once
async def test_wang_asks_dr_zhao_answers_and_it_ends_cleanly_under_uvicorn(hospital: Deployment) -> None:
    server = await asyncio.to_thread(hospital.start, "--server", "uvicorn")
    async with device(server, "wang") as wang, browser(server, "zhao") as page, socket_of(page) as zhao:
        case = await wang.open()
        assert case in [row["id"] for row in (await page.get("/api/queue"))["queued"]]
        assert (await zhao.ask("consultation.claim", consultation=case))["type"] == "ack"
        await zhao.follow(case)
        said = await wang.say(case, "头还是晕" + "，" * 3000)
        assert said["receipt"]["size"] >= 1
        assert texts(await zhao.reads(case, said["seq"]))[-1].startswith("头还是晕")
        with suppress(ConnectionClosed):  # it hangs up on us while we still write
            await zhao.socket.send("x" * (2 * 2**20))
        assert await zhao.closed() in {1009, 1006}, "above the bound of a frame the connection is closed"
    assert server.get("/readyz")[0] == 200
    assert await asyncio.to_thread(server.stop) == 0
