"""Too much at once slows whoever sends it: it is refused honestly, nothing taken is lost, and nobody else waits."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest
from django.db import connection, transaction

from consult.writing import writer as writing
from consult.writing.acts import Outcome, Submission
from consult.writing.writer import Writer
from records.errors import Refused
from tests.consult.device import Device, Frame, Session, browser, client_id, device, socket_of
from tests.deployment import PATIENCE_SECONDS, Deployment, Server, new_deployment

BURST = 300  # XINQIAO_FRAMES_BURST unless set
ATTEMPTS = 4  # fewer than would get the socket closed


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the limits that it has unless told otherwise."""
    with new_deployment(tmp_path_factory.mktemp("limits") / "hospital", hospital_template) as deployment:
        yield deployment.start("--no-worker")


@pytest.fixture
async def li(server: Server) -> AsyncIterator[Session]:
    async with browser(server, "li") as opened:
        yield opened


async def flood(sender: Device, name: str) -> Frame:
    """Ask for more than a person may; returns the first refusal."""
    for number in range(BURST + 100):
        await sender.socket.send(f'{{"type":"ping","id":"{name}-{number}"}}')
    return await sender.until(
        lambda f: f["type"] == "error" and f["id"].startswith(f"{name}-"), "a refusal by its frame's name"
    )


async def meanwhile(li: Session, loud: Device, second: Device) -> tuple[Frame, httpx.Response]:
    """What another socket of hers and a request are answered while one of her sockets is refused."""
    answers: list[tuple[Frame, httpx.Response]] = []
    for attempt in range(ATTEMPTS):
        refusal = await flood(loud, f"flood{attempt}")
        assert (refusal["code"], refusal["retry"]) == ("too_many", True)
        assert 0 < refusal["retry_after"] <= 1
        elsewhere = await second.ask("ping")
        answers.append((elsewhere, await li.post("/api/commands", {"type": "ping", "id": "http"})))
        if elsewhere["type"] == "error" and answers[-1][1].status_code == 429:
            break  # else this machine took longer than the second for which she was refused
    return answers[-1]


async def test_a_flood_slows_its_sender_on_every_socket_and_over_http_and_nobody_else(server: Server, li: Session) -> None:
    async with socket_of(li) as loud, socket_of(li) as second, device(server, "wang") as wang:
        elsewhere, answer = await meanwhile(li, loud, second)
        assert elsewhere["code"] == "too_many", "the limit is hers, not a socket's"
        assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "too_many", "1")
        assert (await wang.ask("ping"))["type"] == "pong", "another account is refused nothing"
        assert loud.socket.close_code is None
    async with socket_of(li) as later:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await later.ask("ping"))["type"] != "pong":  # noqa: ASYNC110 - somebody else's clock
                await asyncio.sleep(0.2)  # the last refused frames asked for a second


async def test_acts_that_were_sent_together_take_effect_in_that_order(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as doctor:
        consultation = await wang.open()
        assert (await doctor.ask("consultation.claim", consultation=consultation))["type"] == "ack"
        says = [
            {
                "type": "message.send",
                "id": f"say-{n}",
                "client_id": client_id(),
                "consultation": consultation,
                "text": f"第{n}句",
            }
            for n in range(20)
        ]
        ends = {"type": "consultation.close", "id": "end", "consultation": consultation, "client_id": client_id()}
        for command in [*says, {**ends, "summary": "咳嗽一周"}]:
            await doctor.socket.send(json.dumps(command))
        ended = await doctor.until(lambda frame: frame.get("id") == "end", "the answer to closing")
        assert ended["type"] == "ack", ended
        seqs = [frame["seq"] for frame in doctor.heard if str(frame.get("id")).startswith("say-")]
        assert len(seqs) == len(says), "each was answered before the case was closed"
        assert [*seqs, ended["seq"]] == sorted([*seqs, ended["seq"]])


@pytest.mark.django_db(transaction=True)
def test_senders_wait_while_the_writer_is_full_and_nothing_queued_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "FULL", 40)
    writer, answers, roomy, sent = Writer(), list[Outcome](), threading.Event(), 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("LOCK TABLE consult_consultation IN ACCESS EXCLUSIVE MODE")  # on SQLite the transaction is the lock
        while not writer.full:
            writer.submit(Submission(uuid4(), uuid4(), "over", "message.send", None, answers.append))
            sent += 1
            while sent == 1 and writer._queue:
                time.sleep(0.01)  # the first is on its way, and stopped by the lock: the others wait behind it
        assert not writer.wait_for_room(0.05)
        writer.when_room(roomy.set)
        assert not roomy.is_set()
        assert not answers, "nothing is answered before its commit"
    assert writer.wait_for_room(PATIENCE_SECONDS)
    assert roomy.wait(PATIENCE_SECONDS)
    writer.stop()
    assert len(answers) == sent == 41
    assert all(isinstance(answer, Refused) and answer.kind.code == "signed_out" for answer in answers)
