"""Patients and doctors who keep trying: what the browser's outbox does, in a test."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
from websockets.exceptions import WebSocketException

from tests.consult.device import Device, client_id, device
from tests.deployment import Server


@dataclass
class Sender:
    """One patient in one consultation, saying 0, 1, 2, ... each until it is acknowledged."""

    who: str
    case: str = ""
    said: int = 0  # acknowledged
    pending: str = field(default_factory=client_id)
    heard: asyncio.Event = field(default_factory=asyncio.Event)  # set at each acknowledgement

    async def talk(self, server: Server, until: asyncio.Event, pause: float = 0.0) -> None:
        """Talk until told to stop or the connection breaks; an unacknowledged message is repeated under its id next time."""
        with suppress(WebSocketException, httpx.TransportError, OSError, AssertionError):
            async with device(server, self.who) as own:
                while not until.is_set():
                    await self._once(own)
                    await asyncio.sleep(pause)

    async def _once(self, own: Device) -> None:
        if not self.case:
            self.case = await own.open(f"{self.who} 的咨询")
        ack = await own.say(self.case, str(self.said), self.pending)
        if ack["type"] == "ack":
            self.said += 1
            self.heard.set()
            self.pending = client_id()


def some_time(seed: int, least: float, most: float) -> float:
    return random.Random(seed).uniform(least, most)
