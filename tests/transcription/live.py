"""A real server with its transcription workers, looked at from outside."""

import io
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import psycopg

from records import demo
from tests.deployment import Deployment, Server, wait_until

PATIENCE = 300.0  # seconds: a transcription takes ten on a quiet machine, and stands behind everything else on a busy one


class Nurse:
    """Nurse Sun at her workbench, or somebody else who calls a patient."""

    def __init__(self, server: Server, person: str = "sun", patient: str = "wang") -> None:
        self.base = server.url
        self.client = httpx.Client(base_url=server.url, timeout=PATIENCE)
        self.client.get("/api/session")
        signed_in = self.client.post("/api/demo/session", json={"person": str(demo.demo_id(person))}, headers=self.headers)
        assert signed_in.status_code == 200, signed_in.text
        planned = [
            row for row in self.client.get("/api/followups").json() if row["patient"]["id"] == str(demo.demo_id(patient))
        ]
        self.follow_up = (planned or [self._plan(patient)])[0]["id"]

    def _plan(self, patient: str) -> Any:
        call = {"patient": str(demo.demo_id(patient)), "title": "电话随访", "due_at": "2030-12-01T01:00:00Z"}
        made = self.client.post("/api/followups", json=call, headers=self.headers)
        assert made.status_code == 201, made.text
        return made.json()

    def close(self) -> None:
        self.client.close()

    @property
    def headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self.client.cookies["xinqiao_csrf"], "Origin": self.base}

    @property
    def upload_path(self) -> str:
        return f"/api/followups/{self.follow_up}/recordings"

    def upload(self, data: bytes, **fields: str) -> httpx.Response:
        form = {"consent": "spoken", "language": "auto", **fields}
        files = {"file": ("call.wav", io.BytesIO(data), "audio/wav")}
        return self.client.post(self.upload_path, data=form, files=files, headers=self.headers)

    def recording(self, recording: str) -> Any:
        return self.client.get(f"/api/recordings/{recording}").json()

    def finished(self, recording: str, seconds: float) -> Any:
        wait_until(lambda: self.recording(recording)["state"] in {"done", "failed", "needs_review"}, seconds, "the transcript")
        return self.recording(recording)

    def said(self, recording: str) -> list[tuple[str, str]]:
        page = self.client.get(f"/api/recordings/{recording}/transcript").json()
        return [(line["speaker"], line["text"]) for line in page["segments"]]


def workers(server: Server) -> list[int]:
    """Process ids of the transcriptions that this server runs."""
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    try:
        found = [int(pid) for path in children for pid in path.read_text().split()]
        return [pid for pid in found if b"transcription.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    except (FileNotFoundError, ProcessLookupError):  # one ended meanwhile
        return workers(server)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def count(hospital: Deployment, query: str) -> int:
    """One number from the database, from outside."""
    url = hospital.env["DATABASE_URL"]
    if url:
        with psycopg.connect(url) as connection:
            row = connection.execute(query).fetchone()
    else:
        with sqlite3.connect(hospital.data / "xinqiao.sqlite3") as database:
            row = database.execute(query).fetchone()
        database.close()
    assert row is not None
    return int(row[0])
