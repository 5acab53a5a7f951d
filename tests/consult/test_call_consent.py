"""Nothing is recorded before everybody in the call said yes; a no ends no call, and a yes may be taken back at any moment."""

from collections.abc import AsyncIterator

import pytest

from consult.calls import acts, consent
from consult.calls.errors import NO_RECORDING
from consult.protocol import calls
from records.demo import demo_id
from records.errors import Refused
from tests.cast import client_id, consultation, id_of, who
from tests.consult.calling import a_case, connected, done, hears, refused
from tests.consult.calling import acts as said
from tests.consult.device import Device, Frame, device
from tests.deployment import Server

SHEET = {"text_version": "2026-11"}
Talk = tuple[Device, Device, str, str]  # Wang, Dr Zhao, the case, their call


@pytest.fixture
async def talk(server: Server) -> AsyncIterator[Talk]:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await a_case(wang, zhao)
        call = await connected(wang, zhao, case)
        yield wang, zhao, case, call
        await done(wang, "call.hangup", call=call)


def answers(frame: Frame) -> dict[str, bool | None]:
    return {one["person"]: one["granted"] for one in frame["answers"]}


async def test_recording_runs_from_the_last_yes_to_the_first_no(talk: Talk) -> None:
    wang, zhao, case, call = talk
    once = client_id()
    for _ in range(2):
        await done(zhao, "recording.request", call=call, client_id=once, **SHEET)
    asked = await hears(wang, "recording.state", call, state="asked", generation=1)
    assert answers(asked) == {str(demo_id("zhao")): True, str(demo_id("wang")): None}
    other = {"client_id": client_id(), "granted": True, "text_version": "2025-01"}
    assert await refused(wang, "recording.consent", call=call, **other) == "recording.other_text"
    await done(wang, "recording.consent", call=call, client_id=client_id(), granted=True, **SHEET)
    for one in (wang, zhao):
        await hears(one, "recording.state", call, state="on", generation=1)
    await done(wang, "recording.consent", call=call, client_id=client_id(), granted=False, **SHEET)
    stopped = await hears(zhao, "recording.state", call, state="withdrawn", generation=1)
    assert answers(stopped)[str(demo_id("wang"))] is False
    told = await said(wang, case, "recording.stopped")
    assert [kind for kind, _ in told[2:]] == [
        "recording.asked", "recording.answered", "recording.started", "recording.answered", "recording.stopped",
    ]  # fmt: skip


async def test_a_no_leaves_the_call_as_it_was_and_another_request_may_come(talk: Talk) -> None:
    wang, zhao, case, call = talk
    await done(zhao, "recording.request", call=call, client_id=client_id(), **SHEET)
    await done(wang, "recording.consent", call=call, client_id=client_id(), granted=False, **SHEET)
    await hears(zhao, "recording.state", call, state="refused")
    await done(zhao, "rtc.description", call=call, kind="offer", sdp="v=0")
    await hears(wang, "peer.description", call)
    assert (
        await refused(wang, "recording.consent", call=call, client_id=client_id(), granted=True, **SHEET)
        == "recording.not_asked"
    )
    for one in (zhao, wang):  # she asks herself while she is asked: both said yes
        await done(one, "recording.request", call=call, client_id=client_id(), **SHEET)
    await hears(zhao, "recording.state", call, state="on", generation=2)
    await done(zhao, "recording.stop", call=call, client_id=client_id())
    await hears(wang, "recording.state", call, state="stopped", generation=2)
    assert ("recording.stopped", {"reason": "stopped"}) in await said(wang, case, "recording.stopped")


@pytest.mark.django_db(transaction=True)
def test_sound_is_taken_only_while_it_runs_and_only_from_those_who_talk(cast: None) -> None:
    case, wang, zhao = consultation(), who("wang"), who("zhao")
    call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "wangs-phone", ["audio"]), "line-w")
    acts.accept(zhao, calls.CallAccept("2", call, "zhaos-desk", ["audio"]), "line-z")
    consent.request(zhao, calls.RecordingRequest("3", call, client_id(), "1"), "line-z")
    with pytest.raises(Refused) as refusal:
        consent.window(wang.id, call, 1)
    assert refusal.value.kind is NO_RECORDING, "not everybody has agreed"
    with pytest.raises(Refused, match="not_found"):  # another page of hers, which does not talk, says yes for nobody
        consent.answer(wang, calls.RecordingConsent("4", call, client_id(), granted=True, text_version="1"), "elsewhere")
    consent.answer(wang, calls.RecordingConsent("4", call, client_id(), granted=True, text_version="1"), "line-w")
    runs = consent.window(wang.id, call, 1)
    assert (runs.stopped_at, runs.state) == (None, "on")
    acts.hang_up(zhao, calls.CallHangup("5", call))
    over = consent.window(wang.id, call, 1)
    assert over.stopped_at is not None
    assert over.stopped_at >= over.started_at
    for person, generation in ((id_of("li"), 1), (wang.id, 2)):
        with pytest.raises(Refused) as refusal:
            consent.window(person, call, generation)
        assert refusal.value.kind is NO_RECORDING
