"""Wang's network lets no WebSocket through: the same consultation over plain HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from consult.sockets.pollers import MAX_LINES
from tests.consult.calling import done, ring
from tests.consult.device import Frame, Session, browser, client_id, device, texts
from tests.deployment import Server

WAIT = 10
LONG = 25  # as long as a poll may


class Poller:
    """A tab without a socket: polls once when asked to, and keeps what it heard."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.line = client_id()
        self.since: dict[str, int] = {}
        self.heard: list[Frame] = []

    async def poll(self, wait: float = WAIT) -> list[Frame]:
        answer = await self.session.post("/poll/", {"line": self.line, "since": self.since, "wait": wait})
        assert answer.status_code == 200, answer.text
        frames: list[Frame] = answer.json()["frames"]
        for frame in frames:
            if frame["type"] == "timeline":
                assert frame["events"][0]["seq"] <= self.since[frame["consultation"]] + 1, "the sequence has no gap"
                self.since[frame["consultation"]] = frame["upto"]
        self.heard += frames
        return frames

    async def until(self, kind: str, **members: Any) -> Frame:
        """Poll until a frame of that kind and with those members has come."""
        for _ in range(20):
            found = [frame for frame in self.heard if frame["type"] == kind and members.items() <= frame.items()]
            if found:
                return found[-1]
            await self.poll()
        raise AssertionError(f"no {kind} came; heard {self.heard[-5:]}")

    async def ask(self, type_: str, **members: Any) -> Frame:
        answer = await self.session.post("/api/commands", {"type": type_, "id": "1", **members})
        assert answer.status_code == 200, answer.text
        frame: Frame = answer.json()
        return frame

    async def open(self) -> str:
        """Ask for help, and follow what comes of it."""
        intake = {
            "complaint": "头晕三天",
            "duration": "days",
            "consents": ["consultation", "privacy"],
            "client_id": client_id(),
        }
        case = str((await self.ask("consultation.open", **intake))["consultation"])
        self.since[case] = 0
        return case

    async def begun(self) -> Self:
        assert [frame["type"] for frame in await self.poll()] == ["welcome"]
        return self


@asynccontextmanager
async def poller(server: Server, who: str) -> AsyncIterator[Poller]:
    async with browser(server, who) as session:
        yield await Poller(session).begun()


async def test_wang_and_dr_zhao_talk_though_wang_has_no_socket(server: Server) -> None:
    async with poller(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        assert (await wang.until("ack", id=case))["consultation"] == case
        await zhao.ask("consultation.claim", consultation=case)
        await zhao.follow(case)
        waiting = asyncio.create_task(wang.until("timeline", upto=3))
        before = time.monotonic()
        said = await zhao.say(case, "这几天吃药了吗？")
        assert (await waiting)["events"][-1]["body"] == {"text": "这几天吃药了吗？"}
        assert time.monotonic() - before < 5
        answer = await wang.ask("message.send", consultation=case, client_id=client_id(), text="吃了")
        assert texts(await zhao.reads(case, answer["seq"])) == ["这几天吃药了吗？", "吃了"]
        assert answer["seq"] == said["seq"] + 1
        await wang.ask("typing", consultation=case, on=True)
        assert (await zhao.until(lambda f: f["type"] == "typing", "typing"))["on"] is True
        await zhao.send("cursor.advance", consultation=case, read=answer["seq"])
        cursors = await wang.until("cursors")
        assert [one["read"] for one in cursors["cursors"]] == [answer["seq"]]
        await zhao.send("typing", consultation=case, on=True)
        await wang.until("typing", on=True)


async def test_what_is_said_between_two_polls_waits_for_the_next(server: Server) -> None:
    async with poller(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        await wang.until("timeline", upto=1)
        while await wang.poll(0):
            pass
        await zhao.ask("consultation.claim", consultation=case)
        last = [await zhao.say(case, f"第 {n} 条") for n in range(5)][-1]["seq"]
        await zhao.send("cursor.advance", consultation=case, read=last)
        await zhao.ask("ping")
        wang.heard.clear()
        for kind in ("timeline", "consultation.changed", "cursors"):
            await wang.until(kind)
        assert "welcome" not in [frame["type"] for frame in wang.heard]
        await wang.until("timeline", upto=last + 1)  # the receipt of reading
        events = {event["seq"]: event for f in wang.heard if f["type"] == "timeline" for event in f["events"]}
        assert sorted(events) == list(range(2, last + 2))
        assert texts([events[seq] for seq in sorted(events)]) == [f"第 {n} 条" for n in range(5)]


async def test_a_call_that_wang_cannot_take_is_in_her_timeline(server: Server) -> None:
    """A call is between two sockets: she learns that she missed one."""
    async with poller(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        await done(zhao, "consultation.claim", consultation=case)
        call = await ring(zhao, case)
        await done(zhao, "call.hangup", call=call)
        await wang.until("timeline", upto=4)
        told = [event for frame in wang.heard if frame["type"] == "timeline" for event in frame["events"]]
        assert [(event["kind"], event["body"].get("state")) for event in told[2:]] == [
            ("call.invited", None),
            ("call.ended", "cancelled"),
        ]
        assert not [frame for frame in wang.heard if frame["type"] == "call.incoming"]
        asked = {"consultation": case, "client_id": client_id(), "device": client_id(), "media": ["audio"]}
        answer = await wang.session.post("/api/commands", {"type": "call.invite", "id": "1", **asked})
        assert answer.json()["code"] == "command.needs_socket"


async def test_the_cursor_decides_what_comes_even_when_an_answer_was_lost(server: Server) -> None:
    async with poller(server, "wang") as wang:
        case = await wang.open()
        for n in range(3):
            await wang.ask("message.send", consultation=case, client_id=client_id(), text=f"{n}")
        await wang.until("timeline", upto=4)
        wang.since, wang.heard = {case: 2}, []
        again = await wang.until("timeline", upto=4)
        assert [event["seq"] for event in again["events"]] == [3, 4]
        wang.line = client_id()
        assert "welcome" in [frame["type"] for frame in await wang.poll()]


async def test_a_poll_without_news_ends_after_its_time_and_a_later_one_sends_it_home(server: Server) -> None:
    async with poller(server, "wang") as wang:
        before = time.monotonic()
        assert await wang.poll(0.3) == []
        assert 0.3 <= time.monotonic() - before < WAIT
        first = asyncio.create_task(wang.poll())
        await asyncio.sleep(0.2)
        second = asyncio.create_task(wang.poll(0.2))
        assert await first == []
        assert await second == []


async def test_an_outsider_hears_nothing_of_wangs_case(server: Server) -> None:
    async with poller(server, "wang") as wang, poller(server, "li") as li:
        case = await wang.open()
        li.since[case] = 0
        assert (await li.until("error", id=case))["code"] == "not_found"
        await wang.ask("message.send", consultation=case, client_id=client_id(), text="只给医生看")
        li.since = {}
        assert await li.poll(0.3) == []
        assert not [frame for frame in li.heard if frame["type"] == "timeline"]


async def test_a_poll_is_checked_as_every_write_is(server: Server) -> None:
    async with browser(server, "wang") as session:
        token = {"X-CSRFToken": session.http.cookies["xinqiao_csrf"]}
        line = {"line": client_id(), "wait": 0}

        async def code(body: Any, **headers: str) -> tuple[int, str]:
            answer = await session.http.post("/poll/", json=body, headers=headers)
            return answer.status_code, answer.json()["code"]

        assert await code(line) == (403, "cross_site")
        assert await code(line, **token, Origin="https://evil.example") == (403, "cross_site")
        assert await code({"line": "x", "wait": 0}, **token) == (422, "bad_input")
        assert await code({**line, "wait": 26}, **token) == (422, "bad_input")
        assert await code({**line, "since": {"no-id": 1}}, **token) == (422, "bad_input")
        assert await code({**line, "pad": "x" * 20_000}, **token) == (413, "frame.too_big")
        assert (await session.http.get("/poll/")).status_code == 400
        session.http.cookies.delete("xinqiao_session")
        assert await code(line, **token) == (401, "signed_out")


async def test_signing_out_ends_a_waiting_poll(server: Server) -> None:
    async with poller(server, "wang") as wang:
        body = {"line": wang.line, "wait": WAIT}
        waiting = asyncio.create_task(wang.session.post("/poll/", body))
        await asyncio.sleep(0.2)
        token = {"X-CSRFToken": wang.session.http.cookies["xinqiao_csrf"]}
        assert (await wang.session.http.delete("/api/session", headers=token)).status_code == 204
        answer = await waiting
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


async def test_one_person_has_so_many_polls_at_once_and_no_more(server: Server) -> None:
    async with browser(server, "wu") as session:
        tabs = [Poller(session) for _ in range(MAX_LINES)]
        before = time.monotonic()
        for tab in tabs:
            await tab.begun()
        waiting = [asyncio.create_task(tab.poll(LONG)) for tab in tabs]
        await asyncio.sleep(1 + 4 * (time.monotonic() - before))  # nothing tells when the last of them has arrived
        refused = await session.post("/poll/", {"line": client_id(), "wait": 0})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
        assert refused.json()["retry_after"] > 0
        assert [await tab.poll(0) for tab in tabs] == [[]] * MAX_LINES, "which sends those that wait home"
        assert await asyncio.gather(*waiting) == [[]] * MAX_LINES
        await Poller(session).begun()  # nobody waits any more: the oldest makes room
