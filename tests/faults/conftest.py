"""One ward for the faults that a deployment survives: its servers are killed and started again, its data stays."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.deployment import Deployment, Server, new_deployment, on_postgresql
from tests.faults.phone import Address

UNLIMITED = {"XINQIAO_FRAMES_PER_SECOND": "0"}  # these devices are quicker than people


@dataclass
class Ward:
    """A deployment with as many web processes as its back-end supports. The first one also sequences the ledger."""

    hospital: Deployment
    servers: list[Server] = field(default_factory=list)

    def start(self, number: int) -> None:
        words = [] if number == 0 else ["--no-worker"]
        self.servers[number : number + 1] = [self.hospital.start(*words, env=UNLIMITED)]

    async def restart(self, number: int) -> None:
        """Start a killed one again; devices come back to it by themselves."""
        await asyncio.to_thread(self.start, number)

    async def kill(self, number: int) -> None:
        await asyncio.to_thread(self.servers[number].kill)

    def at(self, number: int) -> Address:
        """Where a process listens now. With a number beyond the last: one of those there are."""
        return lambda: self.servers[number % len(self.servers)].url

    @property
    def last(self) -> int:
        return len(self.servers) - 1


@pytest.fixture(scope="session")
def ward(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Two processes on PostgreSQL and Redis, the one that there may be on SQLite. Afterwards the ledger must verify."""
    with new_deployment(tmp_path_factory.mktemp("ward") / "hospital", hospital_template) as hospital:
        made = Ward(hospital)
        for number in range(2 if on_postgresql() else 1):
            made.start(number)
        yield made
        hospital.manage("verify_ledger")
