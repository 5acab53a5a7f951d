"""Workers that are killed, and several at once: what is sent later is sent once."""

import asyncio
from typing import Any

from tests.consult.device import Session, browser, client_id
from tests.deployment import PATIENCE_SECONDS, Deployment, Server
from tests.faults.later import last_line

PATIENTS = 150
MESSAGES = 30


def ask(hospital: Deployment, call: str) -> str:
    return hospital.manage("shell", "-v", "0", "-c", f"from tests.faults import later; later.{call}")


async def written(page: Session) -> str:
    """Nurse Sun writes to all her patients; returns the id of the broadcast."""
    size = next(row["size"] for row in await page.get("/api/cohorts") if row["id"] == "mine")
    notice = {"client_id": client_id(), "title": "停诊", "text": "周四停诊一天。", "cohort": "mine", "expected": size}
    answer = await page.post("/api/broadcasts", notice)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def counts(server: Server, id_: str, least: int) -> dict[str, int]:
    """The counts of a broadcast, once at least so many have got it."""
    async with browser(server, "sun") as page, asyncio.timeout(PATIENCE_SECONDS):
        while True:
            row: dict[str, Any] = await page.get(f"/api/broadcasts/{id_}")
            if row["counts"]["sent"] >= least:
                return dict(row["counts"])
            await asyncio.sleep(0.2)


async def test_killed_workers_and_two_at_once_send_everything_once(hospital: Deployment) -> None:
    """Two workers sweep thirty due messages; a worker dies in the middle of a broadcast, and another goes on."""
    case = last_line(await asyncio.to_thread(ask, hospital, f"prepare_and_race(2, patients={PATIENTS}, messages={MESSAGES})"))
    server = await asyncio.to_thread(hospital.start, env={"XINQIAO_BROADCAST_PER_SECOND": "15"})
    async with browser(server, "sun") as page:
        id_ = await written(page)
    begun = await counts(server, id_, 1)
    await asyncio.to_thread(server.kill)
    assert begun["waiting"] > 0, "it was killed on the way"
    server = await asyncio.to_thread(hospital.start, env={"XINQIAO_BROADCAST_PER_SECOND": "1000"})
    total = sum(begun.values())
    assert await counts(server, id_, total) == {"waiting": 0, "sent": total, "read": 0, "opted_out": 0, "failed": 0}
    assert await asyncio.to_thread(server.stop) == 0
    said, states, numbers = last_line(await asyncio.to_thread(ask, hospital, f"tell({case!r})"))
    assert sorted(said, key=int) == [str(n) for n in range(MESSAGES)]
    assert (states, numbers) == ({"sent": total}, {"1": total})
