"""The states of a call over real sockets: rung, answered, refused, missed, taken back, on several devices, dropped and taken up again."""

from tests.consult.calling import a_case, acts, done, hears, refused, ring
from tests.consult.device import client_id, device
from tests.deployment import Server


async def test_wang_calls_dr_zhao_and_they_talk(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await a_case(wang, zhao)
        call = await ring(wang, case, media=["video", "audio"])
        incoming = await hears(zhao, "call.incoming", call, consultation=case)
        assert incoming["until"] - incoming["at"] >= 60_000
        await done(zhao, "call.ringing", call=call)
        await hears(wang, "call.rings", call)
        await done(zhao, "call.accept", call=call, device=client_id(), media=["audio"])
        told = [await hears(one, "call.accepted", call, media=["audio"]) for one in (wang, zhao)]
        assert [frame["polite"] for frame in told] == [False, True], "the one who was called gives way"
        await done(wang, "rtc.description", call=call, kind="offer", sdp="v=0\r\n")
        assert (await hears(zhao, "peer.description", call))["sdp"] == "v=0\r\n"
        await done(zhao, "rtc.candidates", call=call, candidates=[{"candidate": "", "sdpMid": "0"}])
        assert (await hears(wang, "peer.candidates", call))["candidates"] == [{"candidate": "", "sdpMid": "0"}]
        await done(zhao, "call.media", call=call, audio=False, video=False)
        await hears(wang, "peer.media", call, audio=False)
        await done(wang, "ice.refresh", call=call)
        await hears(wang, "ice.servers", call)
        await done(zhao, "call.hangup", call=call)
        for one in (wang, zhao):
            await hears(one, "call.ended", call, state="ended", reason="done")
        said = await acts(wang, case, "call.ended")
        assert [kind for kind, _ in said] == ["call.invited", "call.answered", "call.ended"]
        assert "v=0" not in str(wang.events), "what devices say to each other is not kept"
        assert await refused(wang, "rtc.description", call=call, kind="offer", sdp="v=0") == "not_found"
        await done(wang, "call.hangup", call=call)  # it ended once
        assert len(await acts(wang, case, "call.ended")) == 3
