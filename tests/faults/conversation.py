"""One case of Wang's with Dr Zhao, the devices in it, and what must be true of it after any fault."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from tests.consult.device import Frame, Session, browser, client_id
from tests.deployment import PATIENCE_SECONDS, Server
from tests.faults.phone import Address, Phone, phones
from tests.faults.polling import PollingPhone

PAGE = 200


@asynccontextmanager
async def conversation(
    server: Server, people: Sequence[str], addresses: Sequence[Address], polling: Collection[int] = ()
) -> AsyncIterator[list[Phone]]:
    """A new case of Wang's with Dr Zhao and the devices in it, each signed in by itself: whose they are, where each connects, and
    which of them (by their place) poll."""
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(browser(server, who)) for who in people]
        case = await opened(pages[people.index("wang")], pages[people.index("zhao")])
        parts = enumerate(zip(pages, people, addresses, strict=True))
        made = [(PollingPhone if n in polling else Phone)(page, who, case, address) for n, (page, who, address) in parts]
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
    cookie = {"Cookie": phone.page.cookie}
    async with httpx.AsyncClient(base_url=server.url, headers=cookie, timeout=PATIENCE_SECONDS, verify=False) as http:
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
        for id_ in phone.unanswered:
            await phone.act(**phone.outbox[id_])
    truth = await told(servers[0], devices[0])
    _only_grown(before, truth)
    _once_each(truth, devices, {phone: phone.outbox.keys() - phone.refused.keys() for phone in devices})
    for server in servers:
        for phone in {phone.who: phone for phone in devices}.values():
            assert await told(server, phone) == truth
    for phone in devices:
        await phone.catches_up(len(truth))
        assert phone.transcript() == truth
        assert not phone.wrong
    return truth


def _only_grown(before: Sequence[Frame], truth: Sequence[Frame]) -> None:
    """What stood there stands there unchanged, but for the words of messages that were taken back since."""
    taken_back = {event["body"]["of"] for event in truth[len(before) :] if event["kind"] == "message.retracted"}
    assert len(truth) >= len(before)
    for old, new in zip(before, truth, strict=False):
        withheld = new["seq"] in taken_back and new["kind"] == "message.retracted_original"
        assert new == (old | {"kind": new["kind"], "body": new["body"]} if withheld else old)


def _once_each(events: Sequence[Frame], devices: Sequence[Phone], expected: Mapping[Phone, Collection[str]]) -> None:
    """The sequence has no gap, nothing stands there twice, everything expected stands there, at its number and as it was meant."""
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    acts = [event for event in events if event["client_id"] and event["seq"] > 1]
    stored = {(event["sender"], event["client_id"]): event for event in acts}
    assert len(stored) == len(acts), "twice"
    meant = {(phone.person, id_): act for phone in devices for id_, act in phone.outbox.items()}
    for key, event in stored.items():
        assert _as_meant(event, meant[key])
    for phone in devices:
        for id_ in expected[phone]:
            assert stored[phone.person, id_]["seq"] == phone.acked.get(id_, stored[phone.person, id_]["seq"])


def _as_meant(event: Frame, act: Frame) -> bool:
    match event["kind"]:
        case "message.posted":
            return bool(event["body"] == {"text": act["text"]})
        case "message.retracted":
            return bool(event["body"]["of"] == act["seq"])
        case kind:
            return bool(kind == "message.retracted_original" and act["type_"] == "message.send")


def in_order(phone: Phone) -> bool:
    """Whether what a device said one after the other stands there in that order."""
    numbers = [phone.acked[id_] for id_ in phone.said]
    return numbers == sorted(numbers)
