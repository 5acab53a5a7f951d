"""A voice note on a real server, with the real model and real workers that die."""

import asyncio
import json
import os
import signal
from typing import Any

import httpx
import pytest

from tests.consult.device import Device, Frame, Session, browser, client_id, socket_of
from tests.deployment import Deployment, Server, wait_until
from tests.transcription import sounds
from tests.transcription.live import count, workers

pytestmark = [pytest.mark.heavy, pytest.mark.once]

PATIENCE = 300.0


async def upload(page: Session, case: str, sound: bytes, id_: str) -> httpx.Response:
    return await page.http.post(
        f"/api/consultations/{case}/voice-notes",
        files={"file": ("voice.webm", sound, "audio/webm")},
        data={"client_id": id_, "duration_s": "5", "peaks": json.dumps([10, 90])},
        headers={"X-CSRFToken": page.http.cookies["xinqiao_csrf"]},
    )


async def say(page: Session, device: Device, case: str, sound: bytes) -> int:
    """Send a note; returns the place of its message. Both answers are lost once, and both acts repeated."""
    file, message = client_id(), client_id()
    (first, again) = [await upload(page, case, sound, file) for _ in range(2)]
    assert (first.status_code, first.json()) == (201, again.json())
    sent = {"consultation": case, "client_id": message, "text": "", "voice": first.json()["id"]}
    acks = [await device.ask("message.send", **sent) for _ in range(2)]
    assert acks[0]["type"] == "ack", acks
    assert acks[0]["seq"] == acks[1]["seq"]
    return int(acks[0]["seq"])


async def words_of(device: Device, case: str, seq: int) -> Any:
    def told(frame: Frame) -> bool:
        return frame["type"] == "timeline" and any(
            event["kind"] == "voice.transcribed" and event["body"]["of"] == seq for event in frame["events"]
        )

    await device.until(told, "the words of the note", PATIENCE)
    found = [e["body"] for e in device.events[case].values() if e["kind"] == "voice.transcribed" and e["body"]["of"] == seq]
    assert len(found) == 1
    return found[0]


async def killed_once(server: Server) -> None:
    await asyncio.to_thread(wait_until, lambda: workers(server), PATIENCE, "a worker")
    os.kill(workers(server)[0], signal.SIGKILL)


async def test_what_wang_says_is_read_by_dr_zhao_once_though_the_worker_dies(hospital: Deployment) -> None:
    server = await asyncio.to_thread(hospital.start)
    english = sounds.encoded(sounds.spoken("It was quite high this morning. I feel a little dizzy."), container="webm")
    mandarin = sounds.encoded(sounds.spoken("今天天气很好，我们去公园。", sounds.MANDARIN), container="m4a")
    async with (
        browser(server, "wang") as wang,
        socket_of(wang) as phone,
        browser(server, "zhao") as zhao,
        socket_of(zhao) as desk,
    ):
        case = await phone.open()
        await desk.ask("consultation.claim", consultation=case)
        await desk.follow(case)
        first = await say(wang, phone, case, english)
        await killed_once(server)
        second = await say(wang, phone, case, mandarin)
        said = await words_of(desk, case, first)
        assert "morning" in said["text"], said
        assert "dizzy" in said["text"], said
        assert (said["machine"], said["version"], said["model"]) == (True, 1, "whisper-base")
        chinese = (await words_of(desk, case, second))["text"]
        assert "今天天气" in chinese or "我们去公" in chinese, chinese
        notes = [event["body"]["voice"]["id"] for event in desk.events[case].values() if event["kind"] == "message.posted"]
        part = await zhao.http.get(f"/api/voice-notes/{notes[0]}/audio", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, english[10:20])
    assert count(hospital, "SELECT count(*) FROM records_leaf WHERE kind = 'transcript.made'") == 2
    assert count(hospital, "SELECT count(*) FROM records_leaf WHERE kind = 'voice.transcribed'") == 2
    assert count(hospital, "SELECT count(*) FROM records_leaf WHERE kind = 'recording.sealed'") == 2
    assert count(hospital, "SELECT max(attempt) FROM transcription_job") == 2
