"""Who no longer belongs to a thread hears nothing of it from that moment: no word, no typing, no cursor, on any process."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from consult import timeline
from consult.consultations import give_back
from consult.models import Event
from consult.protocol import ConsultationReturn
from consult.sockets.following import Following
from consult.threads import in_database
from consult.timeline import Page
from tests.cast import client_id as numbered
from tests.cast import consultation, id_of, who
from tests.consult.device import Device, Frame, browser, client_id, device
from tests.consult.test_family import let_in, shut_out
from tests.consult.test_polling import poller
from tests.deployment import ROOT, Deployment, Server

ABOUT_OTHERS = {"typing", "cursors", "timeline"}


@dataclass
class Talk:
    """Wang's case with Dr Zhao, who asked Dr Liu in beside it; all of them follow."""

    case: str
    side: str
    wang: Device
    zhao: Device
    liu: Device

    async def go_on(self) -> None:
        """Wang and Dr Liu type and read; what they did was passed on to whoever hears it."""
        for device_, thread in ((self.wang, self.case), (self.liu, self.side)):
            await device_.send("typing", consultation=thread, on=True)
            await device_.ask("cursor.advance", consultation=thread, delivered=1, read=1)
            await device_.ask("ping")
        await self.zhao.ask("ping")


@asynccontextmanager
async def talk(server: Server, other: Server | None = None) -> AsyncIterator[Talk]:
    """Dr Zhao's device is at `other`, if there is one."""
    async with device(server, "wang") as wang, device(other or server, "zhao") as zhao, device(server, "liu") as liu:
        case = await wang.open()
        await zhao.ask("consultation.claim", consultation=case)
        side = (await zhao.ask("side.open", consultation=case, client_id=client_id()))["consultation"]
        await zhao.ask("side.invite", consultation=side, client_id=client_id(), person=str(id_of("liu")))
        for one, threads in ((wang, [case]), (zhao, [case, side]), (liu, [side])):
            for thread in threads:
                await one.follow(thread)
        yield Talk(case, side, wang, zhao, liu)


def of(frames: list[Frame], *threads: str) -> list[str]:
    return [frame["type"] for frame in frames if frame["type"] in ABOUT_OTHERS and frame["consultation"] in threads]


async def told_to_look(device_: Device, thread: str, since: int) -> None:
    """The page of this device hears, after the first `since` frames, that something of the thread changed."""
    await device_.until(
        lambda f: f["type"] == "consultation.changed" and f["consultation"] == thread and f in device_.heard[since:], "news"
    )


async def gives_back(doctor: Device, case: str) -> None:
    assert (await doctor.ask("consultation.return", consultation=case, client_id=client_id(), reason="换班"))["type"] == "ack"


async def test_dr_zhao_hears_typing_and_cursors_until_she_gives_the_case_back(server: Server) -> None:
    async with talk(server) as now:
        await now.go_on()
        await now.zhao.until(lambda f: f["type"] == "cursors" and f["consultation"] == now.side, "cursors of the side thread")
        assert {"typing", "cursors"} <= set(of(now.zhao.heard, now.case))
        assert {"typing", "cursors"} <= set(of(now.zhao.heard, now.side))
        told = len(now.zhao.heard)
        await gives_back(now.zhao, now.case)
        before = len(now.zhao.heard)
        await now.go_on()
        assert of(now.zhao.heard[before:], now.case, now.side) == []
        await told_to_look(now.zhao, now.side, told)


async def test_what_she_types_herself_is_not_passed_on_any_more(server: Server) -> None:
    async with talk(server) as now:
        await gives_back(now.zhao, now.case)
        for thread in (now.case, now.side):
            await now.zhao.send("typing", consultation=thread, on=True)
        await now.zhao.ask("ping")
        for other in (now.wang, now.liu):
            await other.ask("ping")
            assert "typing" not in of(other.heard, now.case, now.side)


async def test_who_was_asked_in_stays_though_the_case_went_to_another(server: Server) -> None:
    async with talk(server) as now:
        await now.liu.ask("side.invite", consultation=now.side, client_id=client_id(), person=str(id_of("zhao")))
        await gives_back(now.zhao, now.case)
        said = await now.liu.say(now.side, "我看过了")
        assert (await now.zhao.reads(now.side, said["seq"]))[-1]["body"]["text"] == "我看过了"
        before = len(now.zhao.heard)
        await now.liu.send("typing", consultation=now.side, on=True)
        await now.zhao.until(lambda f: f in now.zhao.heard[before:] and f["type"] == "typing", "typing")


async def test_who_takes_the_case_back_hears_everything_again(server: Server) -> None:
    async with talk(server) as now:
        await gives_back(now.zhao, now.case)
        said = await now.wang.say(now.case, "还在吗")
        await now.zhao.ask("consultation.claim", consultation=now.case)
        await now.zhao.follow(now.case, since=max(now.zhao.events[now.case]))
        assert [event["seq"] for event in await now.zhao.reads(now.case, said["seq"] + 1)] == list(range(1, said["seq"] + 2))
        before = len(now.zhao.heard)
        await now.wang.send("typing", consultation=now.case, on=True)
        await now.zhao.until(lambda f: f in now.zhao.heard[before:] and f["type"] == "typing", "typing")


async def test_without_a_socket_the_next_poll_says_that_it_is_over(server: Server) -> None:
    async with talk(server) as now, poller(server, "zhao") as tab:
        tab.since[now.side] = 0
        await tab.until("timeline", upto=2)
        await gives_back(now.zhao, now.case)
        await tab.until("consultation.changed", consultation=now.side)
        assert (await tab.until("error", id=now.side))["code"] == "not_found"
        del tab.since[now.side]
        tab.heard.clear()
        await now.go_on()
        await tab.poll(0)
        assert of(tab.heard, now.case, now.side) == []


@pytest.mark.production
async def test_the_bell_takes_her_off_on_the_other_process(hospital: Deployment) -> None:
    servers = [await asyncio.to_thread(hospital.start, *words) for words in ((), ("--no-worker",))]
    async with talk(*servers) as now, device(servers[0], "zhao") as elsewhere, device(servers[1], "sun") as sun:
        await now.liu.ask("side.invite", consultation=now.side, client_id=client_id(), person=str(id_of("sun")))
        await sun.follow(now.side)
        told = len(now.zhao.heard)
        await gives_back(elsewhere, now.case)
        await told_to_look(now.zhao, now.side, told)
        before = len(now.zhao.heard)
        await now.go_on()
        await sun.send("typing", consultation=now.side, on=True)
        await now.liu.until(lambda f: f["type"] == "typing", "typing, through the bell")
        await now.zhao.ask("ping")
        assert of(now.zhao.heard[before:], now.case, now.side) == []
        await a_daughter_is_shut_out(servers, now)


async def a_daughter_is_shut_out(servers: list[Server], now: Talk) -> None:
    """Wang's browser is at the one process; her daughter, and a phone of her own that hears what the other process hears, are there."""
    async with browser(servers[0], "wang") as mine, device(servers[1], "chen") as chen, device(servers[1], "wang") as phone:
        access = await let_in(mine)
        for one in (chen, phone):
            await one.follow(now.case)
        told = len(chen.heard)
        await shut_out(mine, access)
        await told_to_look(chen, now.case, told)
        before = len(chen.heard)
        secret = await now.wang.say(now.case, "这句不想让女儿看到")
        await now.wang.send("typing", consultation=now.case, on=True)
        await phone.reads(now.case, secret["seq"])
        assert (await chen.ask("timeline.follow", consultation=now.case, since=0))["code"] == "not_found"
        assert (await chen.ask("cursor.advance", consultation=now.case, read=1))["code"] == "not_found"
        assert of(chen.heard[before:], now.case) == []


GIVE_BACK = """
from consult import consultations, protocol
from records.demo import demo_id
from records.people import Person
zhao = Person.objects.get(id=demo_id("zhao"))
consultations.give_back(zhao, protocol.ConsultationReturn("r", __import__("uuid").UUID("{case}"), "from-elsewhere", "换班"))
"""


@pytest.mark.heavy
@pytest.mark.embedded
async def test_where_no_bell_rings_the_poll_finds_it(hospital: Deployment) -> None:
    """Given back by a process that this one cannot hear: the layer in memory ends at the process."""
    server = await asyncio.to_thread(hospital.start, "--no-worker")
    async with talk(server) as now:
        told = len(now.zhao.heard)
        words = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", GIVE_BACK.format(case=now.case)]
        done = await asyncio.to_thread(subprocess.run, words, env=dict(hospital.env), cwd=ROOT, check=False)
        assert done.returncode == 0
        await told_to_look(now.zhao, now.side, told)
        before = len(now.zhao.heard)
        await now.go_on()
        assert of(now.zhao.heard[before:], now.case, now.side) == []


# --- what cannot be seen from outside: the moments in between ---


@dataclass(eq=False)
class Ear:
    """A device that takes everything at once."""

    person: UUID
    session: str = ""
    line: str | None = None
    departments: frozenset[UUID] = frozenset()
    frames: list[bytes] = field(default_factory=list)

    def push(self, frame: bytes) -> None:
        self.frames.append(frame)

    async def drained(self) -> None:
        return None

    def close(self, code: int) -> None:
        raise AssertionError("nobody is signed out here")


async def test_in_doubt_one_hears_nothing_even_while_the_database_is_away() -> None:
    """No database may be asked in this test, so the doubt stays."""
    thread, zhao, liu, both = uuid4(), Ear(id_of("zhao")), Ear(id_of("liu")), frozenset({id_of("zhao"), id_of("liu")})
    following = Following()
    for ear in (zhao, liu):
        following.follow(ear, thread, 0, Page([], 0, 0, both))
    following.doubt(thread, zhao.person)
    assert following.hearing(thread) == [liu]
    following.deliver(thread, 1, 1, [b'{"seq":1}'], both)
    await asyncio.sleep(0.1)
    assert following.hearing(thread) == [liu]
    assert (len(zhao.frames), len(liu.frames)) == (0, 1), "nor of a message that was written before she lost it"
    following.compare({})
    following.leave(zhao)
    assert following.hearing(thread) == [liu]


@pytest.mark.django_db(transaction=True)
async def test_what_was_said_before_dr_zhao_took_the_case_does_not_put_her_out(cast: None) -> None:
    """The loop hears of a commit a moment later: by then she may follow."""
    case = await in_database(consultation, said=(("wang", "头晕"),))
    following, zhao, page = Following(), Ear(id_of("zhao")), await in_database(timeline.since, case.id, 0)
    following.follow(zhao, case.id, 0, page)
    following.deliver(case.id, page.head, page.head, page.events[-1:], frozenset({id_of("wang")}))
    await following._behind[case.id]
    following.deliver(case.id, page.head + 1, page.head + 1, [b'{"seq":99}'], page.audience)
    assert b'"seq":99' in zhao.frames[-1]


@pytest.mark.django_db
def test_a_page_that_was_read_while_the_case_went_is_not_for_who_lost_it(cast: None) -> None:
    case = consultation(said=(("wang", "头晕"),))

    def read() -> list[Event]:
        give_back(who("zhao"), ConsultationReturn("r", case.id, numbered(), "换班"))
        return list(Event.objects.filter(thread=case.id).order_by("seq"))

    page = timeline._page(case.id, read, 0)
    assert len(page.events) == 4
    assert page.audience == {id_of("wang")}
