"""What people say is nowhere in clear: not in the database, Redis, a log, the data directory or the temporary directory."""

import asyncio
import json
import os
import subprocess
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import redis
from psycopg import sql

from records.demo import demo_id
from tests.consult import pictures
from tests.consult.device import Device, Session, browser, client_id, device, socket_of
from tests.deployment import Deployment, Server, on_postgresql, wait_until

MARKER = "canary-7f3d21-血糖"
PLANTED = "canary7f3d21glucose"  # as it stands in a PDF
PHOTO = pictures.noise(800)
TRANSCRIBED_SECONDS = 300


def spoken(place: Path) -> bytes:
    """A short call recording; what is said in it does not matter here."""
    path = place / "call.wav"
    subprocess.run(["espeak-ng", "-w", str(path), "good morning, this is the hospital calling"], check=True)
    return path.read_bytes()


async def upload(page: Session, sound: bytes) -> str:
    """Nurse Sun uploads a recording whose file name holds the marker."""
    follow_up = (await page.get("/api/followups"))[0]["id"]
    answer = await page.http.post(
        f"/api/followups/{follow_up}/recordings",
        files={"file": (f"{MARKER}.wav", sound, "audio/wav")},
        data={"consent": "spoken", "language": "en", "client_id": client_id()},
        headers={"X-CSRFToken": page.http.cookies["xinqiao_csrf"]},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def attach(server: Server, case: str) -> None:
    """Wang sends a photo and a document whose names hold the marker; the document holds it too. Dr Zhao opens both."""
    files = {f"{MARKER}.jpg": PHOTO, f"{MARKER}.pdf": pictures.document(words=PLANTED)}
    async with browser(server, "wang") as page:
        sent = [await attached(page, case, name, content) for name, content in files.items()]
        message = {"type": "message.send", "id": "1", "consultation": case, "client_id": client_id(), "text": ""}
        answer = await page.post("/api/commands", {**message, "attachments": sent})
        assert answer.status_code == 200, answer.text
        await break_off(server, page, case)
    async with browser(server, "zhao") as page:
        for id_ in sent:
            link = await page.get(f"/api/consultations/{case}/attachments/{id_}/link")
            opened = (await page.http.get(link["url"])).content
            assert PLANTED.encode() in opened or opened.startswith(b"\xff\xd8")


async def break_off(server: Server, page: Session, case: str) -> None:
    """A photo whose sender vanishes in the middle: what had come is sealed at once, and removed at once."""
    address = urlsplit(server.url)
    headers = {
        "Host": address.netloc,
        "Origin": server.url,
        "Cookie": "; ".join(f"{name}={value}" for name, value in page.http.cookies.items()),
        "X-CSRFToken": page.http.cookies["xinqiao_csrf"],
        "Content-Type": "multipart/form-data; boundary=boundary",
        "Content-Length": "5000000",
    }
    lines = [f"POST /api/consultations/{case}/attachments HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    part = '--boundary\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + part).encode() + PHOTO + bytes(1_000_000))
    coming = server.log.parent / "media" / "attachments"
    await asyncio.to_thread(wait_until, lambda: list(coming.glob("*.received/*")), 30, "the first segment")
    writer.close()
    await asyncio.to_thread(wait_until, lambda: not list(coming.glob("*.received")), 30, "the removal")


async def attached(page: Session, case: str, name: str, content: bytes) -> str:
    answer = await page.http.post(
        f"/api/consultations/{case}/attachments",
        files={"file": (name, content, "application/octet-stream")},
        data={"client_id": client_id()},
        headers={"X-CSRFToken": page.http.cookies["xinqiao_csrf"]},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def speak(server: Server, case: str, sound: bytes) -> str:
    """Wang sends a voice note whose file name holds the marker; Dr Zhao hears it."""
    async with browser(server, "wang") as page:
        answer = await page.http.post(
            f"/api/consultations/{case}/voice-notes",
            files={"file": (f"{MARKER}.wav", sound, "audio/wav")},
            data={"client_id": client_id(), "duration_s": "3"},
            headers={"X-CSRFToken": page.http.cookies["xinqiao_csrf"]},
        )
        assert answer.status_code == 201, answer.text
        note = str(answer.json()["id"])
        message = {"type": "message.send", "id": "1", "consultation": case, "client_id": client_id(), "text": "", "voice": note}
        assert (await page.post("/api/commands", message)).status_code == 200
    async with browser(server, "zhao") as page:
        assert (await page.http.get(f"/api/voice-notes/{note}/audio")).content == sound
    return note


async def write_ahead(server: Server, case: str) -> None:
    """The marker in a draft, a message for later, a notice to a patient, and in what somebody searches for."""
    async with browser(server, "zhao") as page:
        token = {"X-CSRFToken": page.http.cookies["xinqiao_csrf"]}
        draft = await page.http.put(f"/api/drafts/{case}", json={"text": MARKER, "version": 0}, headers=token)
        assert draft.status_code == 200, draft.text
        at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        later = {"consultation": case, "client_id": client_id(), "text": MARKER, "at": at}
        assert (await page.post("/api/scheduled", later)).status_code == 201
        assert MARKER in (await page.post("/api/search", {"query": MARKER})).text
    async with browser(server, "sun") as page:
        notice = {"client_id": client_id(), "title": MARKER, "text": MARKER, "patients": [str(demo_id("wang"))], "expected": 1}
        sent = await page.post("/api/broadcasts", notice)
        assert sent.status_code == 201, sent.text
        state = ""
        async with asyncio.timeout(TRANSCRIBED_SECONDS):
            while state != "done":
                state = (await page.get(f"/api/broadcasts/{sent.json()['id']}"))["state"]
                await asyncio.sleep(0.5)


async def among_staff(zhao: Device, case: str) -> None:
    """The marker in a discussion beside the case, in a message put right, and in the reason for giving the case back."""
    side = (await zhao.ask("side.open", consultation=case, client_id=client_id()))["consultation"]
    await zhao.say(side, f"请看一下 {MARKER}")
    wrong = await zhao.say(case, f"每天两次 {MARKER}")
    right = {"consultation": case, "client_id": client_id(), "seq": wrong["seq"], "text": f"每天一次 {MARKER}"}
    assert (await zhao.ask("message.correct", **right))["type"] == "ack"
    back = {"consultation": case, "client_id": client_id(), "reason": f"出诊 {MARKER}"}
    assert (await zhao.ask("consultation.return", **back))["type"] == "ack"
    assert (await zhao.ask("consultation.claim", consultation=case))["type"] == "ack"


async def close_and_reopen(server: Server, case: str) -> None:
    async with device(server, "zhao") as zhao, device(server, "wang") as wang:
        closed = {"consultation": case, "summary": f"小结 {MARKER}", "advice": f"建议 {MARKER}"}
        assert (await zhao.ask("consultation.close", client_id=client_id(), **closed))["type"] == "ack"
        reason = {"consultation": case, "client_id": client_id(), "reason": f"又头晕 {MARKER}"}
        assert (await wang.ask("consultation.reopen", **reason))["type"] == "ack"
        assert (await zhao.ask("consultation.close", client_id=client_id(), **closed))["type"] == "ack"


async def review(server: Server, case: str, temporary: Path) -> None:
    """Officer Zhou asks, is asked back, reads, exports on paper too, and loses the grant; the marker in every reason and remark."""
    said = f"{MARKER} 家属投诉回复太慢，需要核对当天完整的对话记录。"
    async with browser(server, "zhou") as zhou, browser(server, "he") as approver:
        wish = {"cases": [case], "content": ["conversation", "attachments", "discussion"], "purpose": "complaint", "hours": 8}
        grant = (await done(zhou.post("/api/compliance/requests", {**wish, "reason": said})))["id"]
        asked = f"/api/compliance/requests/{grant}"
        await done(approver.post(f"{asked}/decision", {"decision": "return", "reason": said}))
        await done(zhou.post(f"{asked}/answer", {"text": said}))
        await done(approver.post(f"{asked}/comments", {"text": said}))
        await done(approver.post(f"{asked}/decision", {"decision": "approve", "reason": said}))
        assert MARKER in (await zhou.http.get(f"/api/compliance/grants/{grant}/conversation")).text
        found = await done(zhou.post(f"/api/compliance/grants/{grant}/search", {"query": MARKER}))
        assert MARKER in found["hits"][0]["excerpt"]
        noted = {"kind": "noted", "part": "conversation", "seq": found["hits"][0]["seq"], "text": said}
        await done(zhou.post(f"/api/compliance/grants/{grant}/annotations", noted))
        pack = (await done(zhou.post(f"/api/compliance/grants/{grant}/packs", {"printed": True})))["id"]
        state: dict[str, Any] = {"state": "queued"}
        async with asyncio.timeout(TRANSCRIBED_SECONDS):
            while state["state"] not in {"done", "failed"}:
                state = await zhou.get(f"/api/compliance/packs/{pack}")
                assert not in_clear(files_in(temporary)), "while a pack is made"
                await asyncio.sleep(0.05)
        assert state["state"] == "done", state
        assert (await zhou.http.get(f"/api/compliance/packs/{pack}/file")).content.startswith(b"PK")
        await done(approver.post(f"{asked}/revoke", {"reason": said}))


async def done(asked: Awaitable[httpx.Response]) -> Any:
    answer = await asked
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def plant(server: Server, sound: bytes, temporary: Path) -> None:
    """The marker in an intake, a message, a summary, a chart entry, photos, file names and corrected transcripts."""
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open(f"{MARKER} 头晕")
        await zhao.ask("consultation.claim", consultation=case)
        await wang.say(case, f"早上 {MARKER}")
        await attach(server, case)
        note = await speak(server, case, sound)
        await write_ahead(server, case)
        await among_staff(zhao, case)
        bad = await wang.ask("message.send", consultation=case, client_id="short", text=MARKER)
        assert bad["type"] == "error"
    async with browser(server, "zhao") as page:
        entry = {"client_id": client_id(), "kind": "note", "text": f"备注 {MARKER}"}
        assert (await page.post(f"/api/charts/{demo_id('wang')}/entries", entry)).status_code == 200
    async with browser(server, "sun") as page:
        recording = await upload(page, sound)
        await transcribed(page, f"/api/recordings/{recording}")
        correction = {"client_id": client_id(), "based_on": 1, "edits": [{"segment": 0, "text": f"改正 {MARKER}"}]}
        answer = await page.post(f"/api/recordings/{recording}/transcript/corrections", correction)
        assert answer.status_code == 200, answer.text
        begun = {"text": f"还没保存 {MARKER}", "version": 0}
        assert (await page.put(f"/api/recordings/{recording}/transcript/draft", begun)).status_code == 200
    async with browser(server, "wang") as page, socket_of(page):
        await transcribed(page, f"/api/voice-notes/{note}")
        said = {"client_id": client_id(), "text": f"我说的是 {MARKER}"}
        assert (await page.post(f"/api/voice-notes/{note}/correction", said)).status_code == 200
    await close_and_reopen(server, case)  # at last: in a closed case nothing is put right any more
    await review(server, case, temporary)
    async with browser(server, "wang") as page:
        assert MARKER in (await page.http.get("/api/consultations")).text, "it can be read by whom it belongs to"


async def transcribed(page: Session, path: str) -> None:
    """Wait for the end of the job; a failure fails the test."""
    state = ""
    async with asyncio.timeout(TRANSCRIBED_SECONDS):
        while state not in {"done", "needs_review", "failed"}:
            state = (await page.get(path))["state"]
            await asyncio.sleep(0.5)
    assert state != "failed"


def dump(hospital: Deployment) -> bytes:
    """Every row of every table of the deployment's PostgreSQL database, as text and as it is."""
    parts: list[bytes] = []
    with psycopg.connect(hospital.env["DATABASE_URL"]) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            with database.cursor().copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))) as rows:
                parts.extend(bytes(row) for row in rows)
    return b"".join(parts)


def kept_by_redis() -> bytes:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    try:
        return b"".join(key + (client.dump(key) or b"") for key in client.scan_iter())
    finally:
        client.close()


def files_in(*roots: Path) -> dict[str, bytes]:
    held: dict[str, bytes] = {}
    for path in (path for root in roots for path in root.rglob("*")):
        with suppress(FileNotFoundError):  # gone again meanwhile
            held |= {str(path): path.read_bytes()} if path.is_file() else {}
    return held


def in_clear(held: dict[str, bytes], *more: bytes) -> list[str]:
    """The names of what holds the marker, in one of the forms in which it was sent."""
    needles = [MARKER.encode(), MARKER.encode().hex().encode(), PLANTED.encode(), PHOTO[5000:5064], *more]
    needles += [MARKER.encode("utf-16-le"), json.dumps(MARKER).strip('"').encode()]
    return [name for name, content in held.items() if any(needle in content for needle in needles)]


@pytest.mark.heavy
async def test_the_marker_is_nowhere_in_clear(hospital: Deployment, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    server = await asyncio.to_thread(hospital.start, env={"TMPDIR": str(temporary)})
    sound = spoken(tmp_path)
    await plant(server, sound, temporary)
    held = files_in(hospital.data, temporary)
    assert any(Path(name).name.startswith("serve-") for name in held), "the log is among them"
    if on_postgresql():
        held |= {"PostgreSQL": dump(hospital), "Redis": kept_by_redis()}
    assert not in_clear(held, sound[1000:1064])
    assert await asyncio.to_thread(server.stop) == 0
