"""What a media server forwards of a room becomes one sealed track a person, for as long as everybody agrees, with what was lost named."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest
from pytest_django import Settings

from consult.calls import acts as call_acts
from consult.calls import capturing, consent
from consult.calls.views import read
from consult.models import CallRecording, Event
from consult.protocol import calls, rooms
from consult.rooms import acts
from consult.rooms import recorder as recording
from consult.rooms.floor import Stand
from consult.rooms.media import MediaError
from consult.rooms.recorder import Recorder
from tests.cast import client_id, consultation, id_of, who
from tests.consult.capturing import settle
from tests.deployment import PATIENCE_SECONDS
from tests.transcription.away import keyring_away
from transcription.models import Capture, Track
from transcription.tracks import captures

# In-process threads keep their connections, which a test database on PostgreSQL waits for in vain.
pytestmark = pytest.mark.once
SHEET = "room.1"
SAMPLES = 960  # of a packet: 20 ms
ARRIVED: dict[int, int] = {}  # packets that the recorder of a source has taken from its socket


@cache
def spoken(packets: int) -> list[bytes]:
    """A tone, as Opus packets."""
    made = av.CodecContext.create("libopus", "w")
    made.sample_rate, made.layout, made.format = 48_000, "mono", "s16"
    found = []
    for number in range(packets):
        at = np.arange(SAMPLES) + number * SAMPLES
        wave = (np.sin(at * 2 * np.pi * 440 / 48_000) * 8_000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.rate, frame.pts = 48_000, number * SAMPLES
        found += [bytes(packet) for packet in made.encode(frame)]
    return found


class Forwarding:
    """A place at a media server that forwards what it is given, as RTP, less what got lost on the way."""

    def __init__(self, lost: Iterator[int] | range = range(0)) -> None:
        self.lost, self.target, self.ssrc, self.hushed = set(lost), ("", 0), 0, False
        self.sent = 0
        self.refusing = self.left = False

    async def forward(self, port: int, ssrc: int) -> None:
        if self.refusing:
            raise MediaError(428, "no such feed")
        self.target, self.ssrc = ("127.0.0.1", port), ssrc
        ARRIVED[ssrc] = 0

    async def hush(self) -> None:
        self.hushed = True

    async def say(self, packets: Sequence[bytes], *, first: int = 0, source: int | None = None) -> None:
        """Send them, and wait until the recorder has taken every one from its socket, or has closed it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            for number, payload in enumerate(packets, first):
                if number not in self.lost:
                    head = struct.pack("!BBHII", 0x80, 111, (65_530 + number) % 65_536, number * SAMPLES, source or self.ssrc)
                    line.sendto(head + payload, self.target)
                    self.sent += 1
        deadline = time.monotonic() + PATIENCE_SECONDS
        while ARRIVED.get(self.ssrc, self.sent) < self.sent:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    async def publish(self, sdp: str) -> str:
        raise NotImplementedError

    async def answered(self, sdp: str) -> None: ...

    async def candidates(self, side: str, candidates: Sequence[Mapping[str, object]]) -> None: ...

    async def leave(self) -> None:
        self.left = True


@pytest.fixture(autouse=True)
def arrivals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count in ARRIVED what each recorder takes from its socket, for as long as that is open."""
    receives = Recorder.datagram_received

    def received(self: Recorder, data: bytes, addr: tuple[str, int]) -> None:
        receives(self, data, addr)
        ARRIVED[self._ssrc] += 1

    ARRIVED.clear()
    monkeypatch.setattr(Recorder, "datagram_received", received)
    monkeypatch.setattr(Recorder, "connection_lost", lambda self, _: ARRIVED.pop(self._ssrc, None))


@pytest.fixture
def room(cast: None, settings: Settings, tmp_path: Path) -> UUID:
    """Of Wang's case: she and Dr Zhao sit in it, and agreed that it is recorded."""
    settings.XINQIAO_MEDIA = tmp_path / "media"
    settings.XINQIAO_JANUS_SOCKET = "/nowhere"
    case, zhao, wang = consultation(), who("zhao"), who("wang")
    room = acts.open_room(zhao, rooms.RoomOpen("1", case.id, client_id(), "zhaos-desk", ["audio"]), "line-z")
    acts.invite(zhao, rooms.RoomInvite("2", room, client_id(), wang.id))
    acts.join(wang, rooms.RoomJoin("3", room, client_id(), "wangs-phone", ["audio"]), "line-w")
    consent.request(zhao, calls.RecordingRequest("4", room, client_id(), SHEET), "line-z")
    answered(room, granted=True)
    return room


def answered(room: UUID, *, granted: bool) -> None:
    consent.answer(who("wang"), calls.RecordingConsent("5", room, client_id(), granted, SHEET), "line-w")


async def recorded(room: UUID, person: str, place: Forwarding, packets: Sequence[bytes]) -> None:
    recorder = Recorder(place, id_of(person), room, 1)
    await recorder.start()
    await place.say(spoken(50), source=12345)  # of another source: whoever else sends to this port is not heard
    await place.say(packets)
    await recorder.stop()


@pytest.mark.django_db(transaction=True)
def test_each_voice_is_a_track_of_its_own_and_what_was_lost_is_silence_and_said(room: UUID) -> None:
    places = {"zhao": Forwarding(), "wang": Forwarding(lost=range(30, 60))}
    for person, place in places.items():
        asyncio.run(recorded(room, person, place, spoken(95)))
        assert place.hushed
    acts.close(who("zhao"), rooms.RoomClose("6", room))
    capture = settle()
    assert capture.state == Capture.State.DONE
    found = {track.person_id: track for track in capture.tracks.select_related("recording")}
    assert set(found) == {id_of("zhao"), id_of("wang")}
    for track in found.values():
        assert track.by_server
        assert track.recording is not None
        assert track.recording.duration_s == pytest.approx(1.9, abs=0.1), "silence stands for what was lost"
    warned = {who_: found[id_of(who_)].recording.warnings for who_ in places}  # type: ignore[union-attr]
    assert warned == {"zhao": [], "wang": ["track.packets_lost"]}


@pytest.mark.django_db(transaction=True)
def test_what_comes_after_the_end_is_not_kept_and_what_came_before_it_is_and_nobody_waits_for_the_silent(room: UUID) -> None:
    place, silent = Forwarding(), Forwarding()

    async def late() -> None:
        await recorded(room, "wang", silent, [])
        recorder = Recorder(place, id_of("zhao"), room, 1)
        await recorder.start()
        await place.say(spoken(60))
        await asyncio.to_thread(stopped)  # which this process is slow to hear
        await place.say(spoken(110)[60:], first=60)
        await recorder.stop()

    asyncio.run(late())
    tracks = {track.person_id: track for track in Track.objects.all()}
    assert {track.state for track in tracks.values()} == {Track.State.ENDED}
    said, unsaid = tracks[id_of("zhao")], tracks[id_of("wang")]
    assert (said.captured_ms, unsaid.size) == (1_000, 0)
    assert said.size == said.length


def a_second_is_kept() -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not Track.objects.filter(captured_ms=1_000).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def stopped() -> None:
    """Once the first second is kept, so that what was said in the second one is too late."""
    a_second_is_kept()
    began = Track.objects.get(person=id_of("zhao")).started_at
    CallRecording.objects.update(state="stopped", stopped_at=began - 500)


@pytest.mark.django_db(transaction=True)
def test_consent_taken_back_in_the_middle_destroys_what_came_and_takes_no_more(room: UUID) -> None:
    place = Forwarding()

    async def interrupted() -> None:
        recorder = Recorder(place, id_of("zhao"), room, 1)
        await recorder.start()
        await place.say(spoken(60))
        await asyncio.to_thread(a_second_is_kept)
        await asyncio.to_thread(answered, room, granted=False)
        await place.say(spoken(95))
        await recorder.stop()

    asyncio.run(interrupted())
    assert [track.state for track in Track.objects.all()] == [Track.State.DROPPED]
    assert not Track.objects.get().pieces.exists()


def sat(room: UUID, place: Forwarding) -> Stand:
    """Dr Zhao's device, whose offer the media server has taken."""
    stand = Stand(room, id_of("zhao"), lambda _: None, lambda: None)
    stand.place, stand.sends = place, True
    return stand


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("comes_back", [True, False])
def test_a_disk_that_comes_back_costs_nothing_and_one_that_does_not_is_said_and_keeps_nobody_in_the_room(
    room: UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, comes_back: bool
) -> None:
    monkeypatch.setattr(recording, "WAIT_SECONDS", [0.05] * (200 if comes_back else 3))
    place, disk = Forwarding(), Path(settings.XINQIAO_MEDIA)
    disk.write_bytes(b"")  # where a directory should be

    async def broken() -> None:
        state = await asyncio.to_thread(lambda: read(room))
        stand = sat(room, place)
        assert state is not None
        assert await stand.record(lambda: state.recording)
        await place.say(spoken(95))
        await asyncio.sleep(0.5)
        if comes_back:
            await asyncio.to_thread(disk.unlink)
        await stand.leave()

    asyncio.run(broken())
    assert place.left
    told = Event.objects.filter(kind="recording.silent").count()
    track = Track.objects.get()
    assert (told, track.state, track.captured_ms) == (
        (0, Track.State.ENDED, 1_900) if comes_back else (1, Track.State.ENDED, 0)
    )


@pytest.mark.django_db(transaction=True)
def test_a_device_is_recorded_from_when_it_sends_as_the_newest_consent_says_and_again_after_a_refusal(room: UUID) -> None:
    place = Forwarding()

    async def turned() -> list[tuple[bool, bool]]:
        state = await asyncio.to_thread(lambda: read(room))
        assert state is not None
        stand, found = sat(room, place), []
        for stand.sends, place.refusing in ((False, False), (True, True), (True, False)):
            found.append((await stand.record(lambda: state.recording), bool(place.ssrc)))
        await asyncio.gather(stand.record(lambda: None), stand.record(lambda: None))
        await stand.leave()
        assert await stand.record(lambda: state.recording), "it is gone: nothing is to be recorded"
        return found

    assert asyncio.run(turned()) == [(True, False), (False, False), (True, True)]
    assert place.hushed


@pytest.mark.django_db(transaction=True)
def test_a_long_recording_is_one_track_after_the_other(room: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "TRACK_MS", 500)
    asyncio.run(recorded(room, "zhao", Forwarding(), spoken(60)))
    tracks = Track.objects.order_by("started_at", "captured_ms")
    assert sorted(track.captured_ms for track in tracks) == [200, 500, 500]
    assert {track.state for track in tracks} == {Track.State.ENDED}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("taken_back", [True, False])
def test_what_a_newcomer_interrupted_can_be_taken_back_until_the_room_ends(room: UUID, *, taken_back: bool) -> None:
    for person in ("zhao", "wang"):
        asyncio.run(recorded(room, person, Forwarding(), spoken(60)))
    call_acts.hang_up(who("wang"), calls.CallHangup("6", room))
    acts.join(who("wang"), rooms.RoomJoin("7", room, client_id(), "wangs-phone", ["audio"]), "line-w")
    capturing.sweep()
    assert captures.sweep() == 0, "the call goes on"
    assert Capture.objects.get().state == Capture.State.ON
    if taken_back:
        answered(room, granted=False)
        capturing.sweep()
        assert Capture.objects.get().state == Capture.State.DROPPED
        assert {track.state for track in Track.objects.all()} == {Track.State.DROPPED}
    else:
        acts.close(who("zhao"), rooms.RoomClose("8", room))
        assert settle().state == Capture.State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_keyring_that_does_not_answer_at_the_first_word_costs_nothing(room: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "WAIT_SECONDS", [0.05] * 20)
    ring = keyring_away(monkeypatch, 3)
    asyncio.run(recorded(room, "zhao", Forwarding(), spoken(60)))
    track = Track.objects.get(state=Track.State.ENDED)
    assert ring.times < 0 < track.size == track.length
