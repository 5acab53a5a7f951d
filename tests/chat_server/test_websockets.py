"""Sockets as no browser uses them: cut, glued, fragmented, wrong and unread frames, with and without Daphne's work-arounds."""

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.targets import PRODUCT_ENV, Target, served
from bench.wire import Socket, connect
from consult.protocol import CloseCode
from tests.deployment import PATIENCE_SECONDS, Deployment, new_deployment

pytestmark = pytest.mark.once

PLAIN = {"XINQIAO_DAPHNE_PLAIN": "uvloop,colours,frames,gc"}
MESSAGES = 2200  # of 4.5 kB: more than the kernel keeps for a connection, and less than the bound in one page
AT_ONCE = 20  # together less than a frame after which the follower is paced instead
MASK = b"\x01\x02\x03\x04"


@pytest.fixture(scope="module", params=[{}, PLAIN], ids=["quick", "plain"])
def target(
    request: pytest.FixtureRequest, hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """A server with the work-arounds, and one without any."""
    with new_deployment(tmp_path_factory.mktemp("sockets"), hospital_template) as deployment:
        yield served(deployment, pairs=1, env=PRODUCT_ENV | request.param)


class Device:
    """One socket of the patient, with the frames that it heard."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.socket: Socket | None = None

    async def open(self, target: Target) -> Socket:
        cookie = target.population.pairs[0].speaker
        self.socket = await connect(target.host, target.port, "/ws/", cookie, lambda text: self.heard.append(json.loads(text)))
        await self.until(lambda: self.of("welcome"))
        return self.socket

    def of(self, kind: str) -> list[Any]:
        return [frame for frame in self.heard if frame["type"] == kind]

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not done():  # noqa: ASYNC110 - what is waited for differs from call to call
                await asyncio.sleep(0.01)


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A masked frame of up to 125 bytes; `first` is its first byte."""
    masked = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return bytes((first, 0x80 | len(payload))) + MASK + masked


def ping(id_: str) -> bytes:
    return json.dumps({"type": "ping", "id": id_}).encode()


async def test_frames_may_arrive_cut_and_glued_anywhere(target: Target) -> None:
    device = Device()
    socket = await device.open(target)
    ids = [str(number) for number in range(12)]
    stream = b"".join(frame(ping(id_)) for id_ in ids)
    for start, end in zip([0, 1, 2, 7, 40, 41, 200], [1, 2, 7, 40, 41, 200, len(stream)], strict=True):
        socket.write(stream[start:end])
        await asyncio.sleep(0.05)
    await device.until(lambda: len(device.of("pong")) == len(ids))
    assert [pong["id"] for pong in device.of("pong")] == ids
    socket.close()


async def test_a_message_may_come_in_fragments_with_a_control_frame_between(target: Target) -> None:
    device = Device()
    socket = await device.open(target)
    text = ping("whole")
    socket.write(frame(text[:5], 0x01) + frame(b"are you there", 0x89) + frame(text[5:], 0x80) + frame(ping("next")))
    await device.until(lambda: len(device.of("pong")) == 2)
    assert [pong["id"] for pong in device.of("pong")] == ["whole", "next"]
    socket.close()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"\x81\x02{}", id="without a mask"),
        pytest.param(frame(b'{"type":"ping","id":"\xed\xa0\x80"}'), id="not UTF-8"),
        pytest.param(b"\x81\xfe\x00\x02" + MASK + b"ab", id="a length longer than it need be"),
    ],
)
async def test_a_frame_that_breaks_the_protocol_closes_the_socket(target: Target, sent: bytes) -> None:
    device = Device()
    socket = await device.open(target)
    socket.write(frame(ping("before")))
    await device.until(lambda: device.of("pong"))
    socket.write(sent)
    await device.until(lambda: socket.close_code is not None)
    assert socket.close_code == 1006, "dropped at once, without a farewell"
    (await Device().open(target)).close()


def resident(target: Target) -> int:
    """KiB of memory that the server has now."""
    status = Path(f"/proc/{target.server}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


async def test_a_frame_of_a_gibibyte_is_refused_at_its_head(target: Target) -> None:
    """Attack 28: what it announces is neither waited for nor allotted; everybody else goes on."""
    device, other = Device(), Device()
    socket = await device.open(target)
    await other.open(target)
    before = resident(target)
    socket.write(b"\x81\xff" + (1 << 30).to_bytes(8, "big") + MASK + bytes(100))
    await device.until(lambda: socket.close_code is not None)
    assert socket.close_code in {1009, 1006}
    assert resident(target) - before < 64 * 1024, "KiB"
    assert other.socket is not None
    other.socket.write(frame(ping("still here")))
    await other.until(lambda: other.of("pong"))
    other.socket.close()


def answered(device: Device, count: int) -> bool:
    return len(device.of("ack")) == count


async def test_a_device_that_stops_reading_is_closed_and_resumes_by_its_cursor(target: Target) -> None:
    consultation, text = target.population.pairs[0].consultation, "疼" * 1500
    reader, writer = Device(), Device()
    slow, fast = await reader.open(target), await writer.open(target)
    follow = {"type": "timeline.follow", "id": "follow", "consultation": consultation, "since": 2}
    slow.send(json.dumps(follow).encode())
    await reader.until(lambda: reader.of("ack"))
    assert slow.transport is not None
    slow.transport.pause_reading()
    for number in range(MESSAGES):
        members = {"id": str(number), "consultation": consultation, "client_id": f"unread-{id(reader)}-{number:04}"}
        fast.send(json.dumps({"type": "message.send", "text": text, **members}, ensure_ascii=False).encode())
        if number % AT_ONCE == 0:
            await writer.until(partial(answered, writer, number + 1))
    await writer.until(lambda: len(writer.of("ack")) == MESSAGES)
    await asyncio.sleep(2)  # autobahn gives a peer one second to answer the close frame
    slow.transport.resume_reading()
    await reader.until(lambda: slow.close_code is not None)
    assert slow.close_code in {CloseCode.SLOW_READER, 1006}
    last = max((events["upto"] for events in reader.of("timeline")), default=2)
    # One who reads nothing while it catches up keeps nobody else waiting.
    stuck, again = Device(), Device()
    unread, resumed = await stuck.open(target), await again.open(target)
    unread.send(json.dumps(follow).encode())
    assert unread.transport is not None
    unread.transport.pause_reading()
    resumed.send(json.dumps({**follow, "since": last}).encode())
    head = max(ack["seq"] for ack in writer.of("ack"))
    assert last < head, "it was closed before it had everything"
    await again.until(lambda: any(events["upto"] == head for events in again.of("timeline")))
    seqs = [event["seq"] for events in again.of("timeline") for event in events["events"]]
    assert seqs == list(range(last + 1, head + 1))
    for socket in (slow, fast, resumed, unread):
        socket.close()
