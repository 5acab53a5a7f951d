"""Both sides of recorded calls on their way up while servers are killed, requests break off and pages die: every byte, or at most the
slice that a dead page had not kept, and then that is said."""

import asyncio
import base64
import hashlib
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.consult.calling import a_case, connected, done, ended_after, hears
from tests.consult.capturing import TUS, metadata
from tests.consult.device import Device, Session, browser, client_id, socket_of
from tests.deployment import PATIENCE_SECONDS
from tests.faults.conftest import Ward
from tests.faults.phone import AGAIN_SECONDS, Address
from tests.transcription import sounds, takes

SECONDS = 1.0
SLICES = 8
LONGEST_WAIT = 1.0  # about what both sides take to send all of it on a quiet machine
SETTLED_SECONDS = 3 * PATIENCE_SECONDS


@dataclass
class Upload:
    """One device's take: what it keeps of it, and how it gets it to the server. `unlucky` decides what breaks when."""

    page: Session
    at: Address
    call: str
    generation: int
    data: bytes
    unlucky: random.Random | None = None
    id: str = field(default_factory=client_id)
    path: str = ""
    died: bool = False

    @property
    def slices(self) -> list[bytes]:
        size = -(-len(self.data) // SLICES)
        return [self.data[start : start + size] for start in range(0, len(self.data), size)]

    async def begin(self) -> None:
        """While it is recorded: as old as the recording itself."""
        said = metadata(client_id=self.id, generation=self.generation, age_ms=60_000)
        made = await self._ask("POST", f"/api/calls/{self.call}/tracks", {"Upload-Defer-Length": "1", "Upload-Metadata": said})
        assert made.status_code == 201, made.text
        self.path = made.headers["Location"]

    async def send(self) -> None:
        kept = self.slices
        if self._breaks(0.5):  # the page dies before its last slice is on the disk
            self.died, kept = True, kept[:-1]
        self.data = b"".join(kept)
        offset = 0
        while True:
            piece = self.data[offset : offset + len(kept[0])]
            last = offset + len(piece) == len(self.data)
            answer = await self._piece(offset, piece, last=last)
            if answer is None or answer.status_code == 409:  # nobody knows what arrived
                offset = int((await self._ask("HEAD", self.path)).headers["Upload-Offset"])
                continue
            assert answer.status_code == 204, answer.text
            offset = int(answer.headers["Upload-Offset"])
            if last:
                return

    async def _piece(self, offset: int, piece: bytes, *, last: bool) -> httpx.Response | None:
        """None: the connection broke off."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        headers["Upload-Captured"] = str(int(1000 * SECONDS * (offset + len(piece)) / len(self.data)))
        if last:
            headers |= {"Upload-Length": str(len(self.data))} | ({"Upload-Interrupted": "1"} if self.died else {})
        if self._breaks(0.3):
            headers["Content-Length"] = str(len(piece))
            return await self._once("PATCH", self.path, headers, breaking_off(piece[: len(piece) // 2]))
        headers["Upload-Checksum"] = f"sha256 {base64.b64encode(hashlib.sha256(piece).digest()).decode()}"
        answer = await self._once("PATCH", self.path, headers, piece)
        return None if self._breaks(0.2) else answer  # the answer is lost on its way

    def _breaks(self, chance: float) -> bool:
        return self.unlucky is not None and self.unlucky.random() < chance

    async def _ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        while True:
            answer = await self._once(method, path, headers or {})
            if answer is not None:
                return answer
            await asyncio.sleep(AGAIN_SECONDS)

    async def _once(self, method: str, path: str, headers: dict[str, str], content: Any = b"") -> httpx.Response | None:
        url = self.at()
        own = {**TUS, "Origin": url, "X-CSRFToken": self.page.http.cookies["xinqiao_csrf"]}
        try:
            answer = await self.page.http.request(method, f"{url}{path}", headers={**own, **headers}, content=content)
        except (httpx.TransportError, ConnectionError):
            await asyncio.sleep(AGAIN_SECONDS)
            return None
        if answer.status_code >= 500 or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            await asyncio.sleep(AGAIN_SECONDS)
            return None
        return answer


async def breaking_off(part: bytes) -> AsyncIterator[bytes]:
    yield part
    raise ConnectionError("the network is gone")


async def recorded(zhao: Device, wang: Device, call: str, generation: int, uploads: list[Upload]) -> None:
    """Everybody agrees, both devices begin, and it stops after SECONDS."""
    words = {"text_version": "2026-11"}
    await done(zhao, "recording.request", call=call, client_id=client_id(), **words)
    await hears(wang, "recording.state", call, state="asked", generation=generation)
    await done(wang, "recording.consent", call=call, client_id=client_id(), granted=True, **words)
    await hears(zhao, "recording.state", call, state="on", generation=generation)
    await asyncio.gather(*(upload.begin() for upload in uploads))
    await asyncio.sleep(SECONDS)
    await done(zhao, "recording.stop", call=call, client_id=client_id())


async def killed(ward: Ward, chance: random.Random) -> None:
    """The server dies at some moment, and another begins."""
    await asyncio.sleep(chance.uniform(0, LONGEST_WAIT))
    await ward.kill(0)
    await ward.restart(0)


async def in_clear(ward: Ward, sound: bytes, until: asyncio.Event) -> list[str]:
    """Files of the deployment in which a stretch of the sound stands as it is, at any moment until then."""
    stretch, found, seen = sound[len(sound) // 2 :][:64], [], dict[Path, int]()
    while not until.is_set():
        await asyncio.sleep(0.2)
        # Not rglob, which raises where a directory goes meanwhile.
        for path in [Path(place, name) for place, _, names in os.walk(ward.hospital.data) for name in names]:
            with suppress(OSError):
                changed = path.stat().st_mtime_ns
                if seen.get(path) != changed and path.is_file() and stretch in path.read_bytes():
                    found.append(path.name)
                seen[path] = changed
    return found


async def settled(page: Session, at: Address, case: str, generation: int) -> dict[str, Any]:
    """A recording of the case, once it is joined."""
    async with asyncio.timeout(SETTLED_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                every = (await page.http.get(f"{at()}/api/consultations/{case}/captures")).json()
                found: dict[str, Any] = next((one for one in every if one["generation"] == generation), {"state": "unknown"})
                if found["state"] in {"done", "failed"}:
                    return found
            await asyncio.sleep(0.2)


@pytest.mark.once
async def test_every_byte_arrives_once_or_what_a_dead_page_lost_is_said(ward: Ward, rounds: int) -> None:
    sound = takes.webm(sounds.tone(SECONDS))
    async with browser(ward.servers[0], "wang") as phone, browser(ward.servers[0], "zhao") as desk:
        async with socket_of(phone) as wang, socket_of(desk) as zhao:
            case = await a_case(wang, zhao)
            call = await connected(zhao, wang, case)
            pairs = []
            async with ended_after(zhao, call):
                for seed in range(rounds):
                    unlucky = Upload(phone, ward.at(0), call, seed + 1, sound, random.Random(seed))
                    pairs.append((unlucky, Upload(desk, ward.at(0), call, seed + 1, sound)))
                    await recorded(zhao, wang, call, seed + 1, [*pairs[-1]])
        over = asyncio.Event()
        watching = asyncio.create_task(in_clear(ward, sound, over))
        for unlucky, lucky in pairs:
            began = time.monotonic()
            await asyncio.gather(killed(ward, random.Random(unlucky.generation)), unlucky.send(), lucky.send())
            found = await settled(desk, ward.at(0), case, unlucky.generation)
            await as_it_was_sent(desk, ward.at(0)(), found, {"王秀兰": unlucky, "赵文博": lucky})
            lost = len(sound) - len(unlucky.data)
            assert lost <= -(-len(sound) // SLICES), "at most a slice"
            print(f"round {unlucky.generation}: {time.monotonic() - began:.1f} s, {lost} of {len(sound)} bytes lost")
        over.set()
        assert await watching == []


async def as_it_was_sent(page: Session, url: str, found: dict[str, Any], uploads: dict[str, Upload]) -> None:
    for side in found["sides"]:
        (kept,) = side["recordings"]
        assert (await page.http.get(f"{url}/api/recordings/{kept}/audio")).content == uploads[side["person"]["name"]].data
    codes = {warning["code"] for warning in found["warnings"]}
    died = any(upload.died for upload in uploads.values())
    assert codes == ({"track.interrupted"} if died else set()), found
