"""One case of Wang's with Dr Zhao, the devices in it, and what must be true of it after any fault."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from tests.consult.device import WAIT_SECONDS, Frame, Session, browser, client_id
from tests.deployment import Server
from tests.faults.phone import Address, Phone, phones

POSTED = {"message.posted", "message.retracted_original"}
PAGE = 200


@asynccontextmanager
async def conversation(server: Server, people: Sequence[str], addresses: Sequence[Address]) -> AsyncIterator[list[Phone]]:
    """A new case of Wang's with Dr Zhao and the devices in it, each signed in by itself: whose they are, and where each connects."""
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(browser(server, who)) for who in people]
        case = await opened(pages[people.index("wang")], pages[people.index("zhao")])
        parts = zip(pages, people, addresses, strict=True)
        made = [Phone(page, who, case, address) for page, who, address in parts]
        yield list(await stack.enter_async_context(phones(*made)))


async def opened(wang: Session, zhao: Session) -> str:
    """A new case of Wang's that Dr Zhao has taken."""
    intake = {"complaint": "头晕三天，血压偏高", "duration": "days", "consents": ["consultation", "privacy"]}
    ack = await command(wang, "consultation.open", client_id=client_id(), **intake)
    case = str(ack["consultation"])
    await command(zhao, "consultation.claim", consultation=case)
    return case


async def command(page: Session, type_: str, **members: Any) -> Frame:
    """A command over HTTP; returns its ack."""
    answer = await page.post("/api/commands", {"type": type_, "id": "1", **members})
    ack: Frame = answer.json()
    assert ack["type"] == "ack", ack
    return ack


async def told(server: Server, phone: Phone) -> list[Frame]:
    """The whole case as a server tells it to somebody who comes new, over HTTP."""
    events: list[Frame] = []
    async with httpx.AsyncClient(base_url=server.url, headers={"Cookie": phone.page.cookie}, timeout=WAIT_SECONDS) as http:
        while True:
            answer = await http.get(f"/api/consultations/{phone.case}/events", params={"since": len(events), "limit": PAGE})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            events += page["events"]
            if page["upto"] >= page["head"]:
                return events


async def agree(servers: Sequence[Server], devices: Sequence[Phone]) -> list[Frame]:
    """Assert that nothing was lost, doubled or reordered, for anybody; return the case.

    What was acknowledged stands there once, at its number. What was not stands there once or not at all, and sending it again changes
    nothing in the first case. Every server tells everybody the same, and every device, resuming where it was, shows it.
    """
    acked = {phone: dict(phone.acked) for phone in devices}
    before = await told(servers[0], devices[0])
    _once_each(before, devices, acked)
    for phone in devices:
        for id_ in [id_ for id_ in phone.said if id_ not in phone.acked]:
            await phone.repeat(id_)
    truth = await told(servers[0], devices[0])
    assert truth[: len(before)] == before
    _once_each(truth, devices, {phone: phone.said for phone in devices})
    for server in servers:
        for phone in {phone.who: phone for phone in devices}.values():
            assert await told(server, phone) == truth
    for phone in devices:
        await phone.catches_up(len(truth))
        assert phone.transcript() == truth
        assert not phone.wrong
    return truth


def _once_each(events: Sequence[Frame], devices: Sequence[Phone], expected: Mapping[Phone, Collection[str]]) -> None:
    """The sequence has no gap, nothing stands there twice, everything expected stands there, at its number and in its words."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    posted = {(event["sender"], event["client_id"]): event for event in events if event["kind"] in POSTED}
    times = Counter((event["sender"], event["client_id"]) for event in events if event["client_id"])
    assert all(count == 1 for count in times.values())
    words = {(phone.person, id_): text for phone in devices for id_, text in phone.said.items()}
    assert set(posted) <= set(words), "nobody said that"
    for phone in devices:
        for id_ in expected[phone]:
            event = posted[phone.person, id_]
            assert event["seq"] == phone.acked.get(id_, event["seq"])
            assert event["kind"] != "message.posted" or event["body"]["text"] == phone.said[id_]


def in_order(phone: Phone) -> bool:
    """Whether what a device said one after the other stands there in that order."""
    numbers = [phone.acked[id_] for id_ in phone.said]
    return numbers == sorted(numbers)
