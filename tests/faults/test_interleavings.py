"""Any interleaving of sending, repeating, reconnecting, killing, retracting and reading ends as one transcript, the same everywhere."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.deployment import PATIENCE_SECONDS, Server
from tests.faults.conftest import Ward
from tests.faults.conversation import agree, conversation
from tests.faults.phone import Phone

PEOPLE = ["wang", "wang", "zhao", "zhao"]
POLLING = {1}  # Wang's second device, on a network without WebSockets
STEPS = 30
EXAMPLES_A_ROUND = 4
KILLS_A_ROUND = 1
phones = st.integers(0, len(PEOPLE) - 1)
processes = st.integers(0, 1)
earlier = st.integers(0, 7)  # counted back from the newest


class Kills:
    """How many more a run may afford: each costs the start of a server."""

    def __init__(self, left: int) -> None:
        self.left = left


class Interleaving(RuleBasedStateMachine):
    """The model is what each device was told: everything it ever tried to do, and what of it was acknowledged.

    Time passes only inside a rule, so between rules everything stands still but the servers, and frames pile up as at a slow reader.
    What is drawn never depends on what has arrived by then; a rule that finds nothing to work on does nothing.
    """

    def __init__(self, ward: Ward, kills: Kills) -> None:
        super().__init__()
        self.ward, self.kills = ward, kills
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        self.down: set[int] = set()
        self.phones: list[Phone] = []

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize(places=st.lists(processes, min_size=len(PEOPLE), max_size=len(PEOPLE)))
    def begin(self, places: list[int]) -> None:
        addresses = [self.ward.at(place) for place in places]
        self.phones = self.do(self.stack.enter_async_context(conversation(self.ward.servers[0], PEOPLE, addresses, POLLING)))

    @rule(who=phones, number=st.integers(1, 5))
    def send(self, who: int, number: int) -> None:
        phone = self.phones[who]
        self.do(phone.send(*(phone.note(f"{who}: {len(phone.outbox) + n}") for n in range(number))))

    @rule(who=phones, which=earlier)
    def repeat(self, who: int, which: int) -> None:
        """Whether or not it was acknowledged meanwhile."""
        if len(self.phones[who].outbox) > which:
            self.do(self.phones[who].send(list(self.phones[who].outbox)[-1 - which]))

    @rule(who=phones, whose=phones, which=earlier)
    def retract(self, who: int, whose: int, which: int) -> None:
        """One's own, which may be gone already, or somebody else's."""
        acked = [self.phones[whose].acked[id_] for id_ in self.phones[whose].said if id_ in self.phones[whose].acked]
        if len(acked) > which:
            phone = self.phones[who]
            self.do(phone.send(phone.plan("message.retract", seq=acked[-1 - which])))

    @rule(who=phones)
    def read(self, who: int) -> None:
        phone = self.phones[who]
        self.do(phone.tell("cursor.advance", delivered=phone.upto, read=phone.upto))

    @rule(who=phones, process=processes, soon=st.booleans())
    def reconnect(self, who: int, process: int, soon: bool) -> None:
        """Leave without a farewell, and come back to any process, at once or with the next rule that finds it off."""
        phone = self.phones[who]
        phone.address = self.ward.at(process)
        self.do(phone.switch_off())
        if soon:
            self.do(on(phone))

    @rule()
    def come_back(self) -> None:
        self.do(on(*self.phones))

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.1]))
    def wait(self, seconds: float) -> None:
        self.do(asyncio.sleep(seconds))

    @rule(process=processes)
    def kill(self, process: int) -> None:
        """Where no more kills can be afforded, its devices lose their connections all the same."""
        process %= len(self.ward.servers)
        if process not in self.down and self.kills.left > 0:
            self.kills.left -= 1
            self.down.add(process)
            self.do(self.ward.kill(process))
        for phone in self.phones:
            if phone.address() == self.ward.servers[process].url:
                self.do(phone.switch_off())
                self.do(on(phone))

    @rule(process=processes)
    def start(self, process: int) -> None:
        if process in self.down:
            self.do(self.ward.restart(process))
            self.down.discard(process)

    def teardown(self) -> None:
        try:
            for process in list(self.down):
                self.start(process)
            if self.phones:
                self.do(self.ends_well())
        finally:
            self.do(self.stack.aclose())
            self.runner.close()

    async def ends_well(self) -> None:
        await on(*self.phones)
        case = await agree(self.ward.servers, self.phones)
        gone = [event["body"]["of"] for event in case if event["kind"] == "message.retracted"]
        assert len(gone) == len(set(gone)), "taken back once"
        for server in self.ward.servers:
            assert all(seen <= kept <= len(case) for seen, kept in await self.cursors(server))

    async def cursors(self, server: Server) -> list[tuple[int, int]]:
        """For each person: the furthest anybody was ever shown that they had read, and how far the server says now."""
        cookie = {"Cookie": self.phones[0].page.cookie}
        async with httpx.AsyncClient(base_url=server.url, headers=cookie, timeout=PATIENCE_SECONDS, verify=False) as http:
            detail = (await http.get(f"/api/consultations/{self.phones[0].case}")).json()
        return [
            (max(phone.read.get(cursor["person"], 0) for phone in self.phones), cursor["read"]) for cursor in detail["cursors"]
        ]


async def on(*switched: Phone) -> None:
    for phone in switched:
        phone.switch_on()


def test_any_interleaving_ends_as_one_transcript(ward: Ward, rounds: int, dear_rounds: int) -> None:
    kills = Kills(KILLS_A_ROUND * dear_rounds)
    chosen = settings(
        max_examples=EXAMPLES_A_ROUND * rounds,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],  # what a failure did is printed; with real servers it is seldom the same twice
        suppress_health_check=list(HealthCheck),
    )

    class OnThisWard(Interleaving):
        def __init__(self) -> None:
            super().__init__(ward, kills)

    run_state_machine_as_test(OnThisWard, settings=chosen)
