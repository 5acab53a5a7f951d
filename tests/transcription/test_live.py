"""The whole way on a real server with the real model: uploads in pieces, workers killed, slow listeners."""

import http.client
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.deployment import Deployment, Server, wait_until
from tests.transcription import sounds
from tests.transcription.live import PATIENCE, Nurse, workers
from transcription.worker import NICENESS

pytestmark = [pytest.mark.heavy]

MIB = 1024 * 1024
LEAST_PRIORITY = 19


@pytest.fixture
def server(hospital: Deployment) -> Server:
    return hospital.start()


@pytest.fixture
def sun(server: Server) -> Iterator[Nurse]:
    with closing(Nurse(server)) as nurse:
        yield nurse


def niceness(pids: list[int]) -> list[int]:
    """Those of them that still run."""
    found = []
    for pid in pids:
        with suppress(ProcessLookupError):
            found.append(os.getpriority(os.PRIO_PROCESS, pid))
    return found


def resident(server: Server) -> int:
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.once
def test_a_call_on_two_channels_becomes_a_dialogue_by_the_real_model(sun: Nurse, call: bytes) -> None:
    made = sun.upload(call)
    assert made.status_code == 201, made.text
    done = sun.finished(made.json()["id"], PATIENCE)
    assert (done["state"], done["failure"], done["warnings"], done["language"]) == ("done", None, [], "en")
    assert [item["model"] for item in done["transcripts"]] == ["whisper-base"]
    said = sun.said(done["id"])
    assert [speaker for speaker, _ in said] == sorted(speaker for speaker, _ in said), "Sun first, then Wang"
    by_speaker = {name: " ".join(text for speaker, text in said if speaker == name).lower() for name in dict(said)}
    assert "blood pressure" in by_speaker["channel-1"]
    assert "this morning" in by_speaker["channel-2"]
    assert "dizzy" in by_speaker["channel-2"]


@pytest.mark.once
def test_mandarin_comes_out_in_simplified_characters(sun: Nurse) -> None:
    speech = sounds.spoken("今天天气很好，我们去公园。", sounds.MANDARIN)
    done = sun.finished(sun.upload(sounds.encoded(speech), language="zh").json()["id"], PATIENCE)
    text = "".join(text for _, text in sun.said(done["id"]))
    assert "今天天气" in text or "我们去公" in text, text
    assert not set(text) & set("氣們園國")


@pytest.mark.once
def test_a_worker_stands_behind_the_chat_for_the_processor(sun: Nurse, server: Server, call: bytes) -> None:
    recording = sun.upload(call).json()["id"]
    own = os.getpriority(os.PRIO_PROCESS, 0)  # whoever runs the tests may have stepped back already
    behind = min(own + NICENESS, LEAST_PRIORITY)
    wait_until(lambda: workers(server), PATIENCE, "a worker")
    wait_until(lambda: niceness(workers(server)) == [behind], PATIENCE, "its niceness")
    assert niceness([server.process.pid]) == [own]
    sun.finished(recording, PATIENCE)


@pytest.mark.once
def test_a_large_upload_touches_no_temporary_file_and_little_memory(sun: Nurse, server: Server, hospital: Deployment) -> None:
    before = resident(server)
    connection = http.client.HTTPConnection(sun.base.removeprefix("http://"), timeout=PATIENCE)
    marker = b"planted marker in a recording "
    body = b"RIFF\xff\xff\xff\xffWAVE" + (marker * 2 * MIB)[: 60 * MIB - 12]
    head, tail = multipart({"consent": "spoken", "client_id": "a-large-upload"})
    headers = {**sun.headers, "Cookie": "; ".join(f"{k}={v}" for k, v in sun.client.cookies.items())}
    connection.putrequest("POST", sun.upload_path)  # by hand, to look at the server while it receives
    for name, value in {**headers, **head.headers, "Content-Length": str(len(head.text) + len(body) + len(tail))}.items():
        connection.putheader(name, value)
    connection.endheaders(head.text)
    connection.send(body[: 40 * MIB])
    peak, opened = resident(server), open_files(server)
    time.sleep(0.3)
    connection.send(body[40 * MIB :] + tail)
    answer = connection.getresponse()
    status, text = answer.status, answer.read()
    connection.close()
    assert status == 201, text
    assert max(peak, resident(server)) - before < 16 * MIB
    assert not any(name.startswith(("/tmp/tmp", "/var/tmp", "/tmp/#")) for name in opened), opened
    media = [path for path in (hospital.data / "media").rglob("*") if path.is_file()]
    assert len(media) == 240
    assert not any(marker in path.read_bytes() for path in media[::20])


@pytest.mark.once
def test_an_upload_that_breaks_off_leaves_nothing(sun: Nurse, server: Server, hospital: Deployment) -> None:
    connection = http.client.HTTPConnection(sun.base.removeprefix("http://"), timeout=PATIENCE)
    head, _ = multipart({"consent": "spoken"})
    headers = {**sun.headers, "Cookie": "; ".join(f"{k}={v}" for k, v in sun.client.cookies.items())}
    connection.putrequest("POST", sun.upload_path)
    for name, value in {**headers, **head.headers, "Content-Length": str(30 * MIB)}.items():
        connection.putheader(name, value)
    connection.endheaders(head.text)
    connection.send(secrets.token_bytes(5 * MIB))
    media = hospital.data / "media"
    wait_until(lambda: list(media.glob("*/*")), PATIENCE, "the first segments")
    connection.close()
    wait_until(lambda: not list(media.glob("*/*")), PATIENCE, "the removal")
    assert sun.client.get("/api/followups").json()[0]["recordings"] == []


@pytest.mark.once
def test_a_refused_upload_is_answered_in_words_and_leaves_nothing(sun: Nurse, hospital: Deployment) -> None:
    answer = sun.upload(bytes(8 * MIB), consent="no")
    assert (answer.status_code, answer.json()["code"]) == (422, "recording.no_consent")
    too_much = sun.upload(bytes(201 * MIB))
    assert (too_much.status_code, too_much.json()["code"]) == (413, "recording.too_large")
    assert not [path for path in (hospital.data / "media").rglob("*") if path.is_file()]


@pytest.mark.once
def test_a_listener_who_stops_reading_costs_no_memory(sun: Nurse, server: Server) -> None:
    sound = b"RIFF\xff\xff\xff\xffWAVE" + secrets.token_bytes(80 * MIB)
    recording = sun.upload(sound).json()["id"]
    before = resident(server)
    with sun.client.stream("GET", f"/api/recordings/{recording}/audio") as answer:
        pieces = answer.iter_raw()
        got = next(pieces)
        time.sleep(2)
        assert resident(server) - before < 16 * MIB
        got += b"".join(pieces)
    assert got == sound


class Head:
    """The beginning of a multipart body, up to the file's first byte."""

    def __init__(self, boundary: str, fields: dict[str, str]) -> None:
        self.headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
        file = 'Content-Disposition: form-data; name="file"; filename="call.wav"\r\nContent-Type: audio/wav\r\n\r\n'
        self.text = ("".join(parts) + f"--{boundary}\r\n{file}").encode()


def multipart(fields: dict[str, str]) -> tuple[Head, bytes]:
    boundary = secrets.token_hex(16)
    return Head(boundary, fields), f"\r\n--{boundary}--\r\n".encode()


def open_files(server: Server) -> list[str]:
    """What the process has open, deleted files included."""
    found = []
    for entry in Path(f"/proc/{server.process.pid}/fd").iterdir():
        try:
            found.append(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return found
