"""The second server for the same application: Wang asks and Dr Zhao hears under uvicorn as under Daphne."""

import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.consult.device import browser, device, socket_of, texts
from tests.deployment import Deployment, Server, new_deployment


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with new_deployment(tmp_path_factory.mktemp("uvicorn") / "hospital", hospital_template) as deployment:
        yield deployment.start("--server", "uvicorn")


async def test_wang_asks_and_dr_zhao_answers_under_uvicorn(server: Server) -> None:
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


def test_it_is_ready_and_ends_cleanly_when_asked(server: Server) -> None:
    status, _ = server.get("/readyz")
    assert status == 200
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
