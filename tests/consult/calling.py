"""Calls in tests: what a page does with its socket to ring, to answer and to talk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from records.demo import demo_id
from tests.consult.device import Device, Frame, client_id

AUDIO = ["audio"]
QUIET = {"XINQIAO_FRAMES_PER_SECOND": "0"}


async def a_case(patient: Device, doctor: Device, department: str = "cardiology") -> str:
    """One that the doctor took."""
    case = await patient.open(department=str(demo_id(department)))
    await done(doctor, "consultation.claim", consultation=case)
    return case


async def done(device: Device, command: str, /, **members: Any) -> Frame:
    answer = await device.ask(command, **members)
    assert answer["type"] == "ack", answer
    return answer


async def refused(device: Device, command: str, /, **members: Any) -> str:
    answer = await device.ask(command, **members)
    assert answer["type"] == "error", answer
    return str(answer["code"])


async def hears(device: Device, type_: str, call: str, /, **members: Any) -> Frame:
    """The first frame of that kind about this call that says so."""

    def found(frame: Frame) -> bool:
        return (
            frame["type"] == type_
            and frame.get("call") == call
            and all(frame.get(name) == value for name, value in members.items())
        )

    return await device.until(found, f"{type_} {members}")


def heard(device: Device, call: str) -> list[str]:
    """The kinds of frames about this call, in order."""
    return [frame["type"] for frame in device.heard if frame.get("call") == call and frame["type"] not in {"ack", "error"}]


async def ring(caller: Device, case: str, device: str = "", **members: Any) -> str:
    """Invite; returns the call."""
    asked = {"device": device or client_id(), "media": AUDIO, "client_id": client_id(), **members}
    return str((await done(caller, "call.invite", consultation=case, **asked))["call"])


async def answer(callee: Device, call: str, device: str = "") -> None:
    await hears(callee, "call.incoming", call)
    await done(callee, "call.accept", call=call, device=device or client_id(), media=AUDIO)
    await hears(callee, "call.accepted", call)


async def connected(caller: Device, callee: Device, case: str, devices: tuple[str, str] = ("", "")) -> str:
    """A call that was answered; returns it."""
    call = await ring(caller, case, devices[0])
    await answer(callee, call, devices[1])
    await hears(caller, "call.accepted", call)
    return call


@asynccontextmanager
async def ended_after(device: Device, call: str) -> AsyncIterator[None]:
    yield
    await done(device, "call.hangup", call=call)


async def acts(device: Device, case: str, last: str) -> list[tuple[str, Any]]:
    """What the case says of calls, once it has said `last`: kind and body without the call's id."""
    if case not in device.events:
        await device.follow(case)

    def said() -> list[Frame]:
        return [event for _, event in sorted(device.events.get(case, {}).items())]

    await device.until(lambda _: any(event["kind"] == last for event in said()), last)
    told = [event for event in said() if event["kind"].split(".")[0] in {"call", "captions", "recording"}]
    return [(event["kind"], {name: value for name, value in event["body"].items() if name != "call"}) for event in told]
