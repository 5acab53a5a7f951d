"""Attacks of the catalogue that fall to nobody else, and small watchers for defences whose other tests need a server of their own."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from consult.attachments import scanning
from consult.calls import acts, envelopes
from consult.calls.switchboard import Switchboard
from consult.protocol import calls, parsing
from consult.sockets import handshake
from consult.threads import WORKERS, in_database
from records import demo, grants, vault
from records.errors import Refused
from records.grants import AccessGrant
from records.ledger import chains, tree
from records.ledger.sequencer import Sequencer
from records.pack import collect, verify_pack
from records.vault import BlobKey
from tests.cast import cast, client_id, consultation, flipped, who
from tests.consult.reviewing import granted
from tests.deployment import PATIENCE_SECONDS
from tests.records.pack.conftest import Case, case, make_case

__all__ = ["case", "cast", "make_case"]


@pytest.mark.django_db
def test_a_case_closed_twice_is_named_in_its_pack(case: Case) -> None:
    """By the hospital itself, with its own keys: every signature and proof is right, and one of two ends is a lie."""
    with transaction.atomic(), chains.extend(case.id) as tail:
        second = tail.add("consultation.closed", actor=who("zhao").id, content=None)
    Sequencer().drain()
    newest = tree.latest()
    assert newest is not None
    again = [collect.chain_part(part.id, part.role, newest) for part in case.pack.chains]
    code, said = case.verify(case.written(replace(case.pack, chains=again, checkpoint=newest.note)))
    assert code == verify_pack.MISMATCH
    assert f"entry {case.id}#{second.seq}: closed twice without being reopened" in said


@pytest.mark.django_db
@pytest.mark.parametrize("suite", [b"\x00", b"\x01", b"\x02", b"\x12", b"\x7f"])
def test_a_suite_byte_that_is_not_the_blobs_own_opens_nothing_in_a_pack(case: Case, suite: bytes) -> None:
    """The entry's hash finds a changed byte first; this is the suite alone, as if the entry had been made for the relabelled blob."""
    content = next(iter(case.pack.contents))
    assert content.key is not None
    row = {**content.context._asdict(), "scope": str(content.context.scope)}
    row["sender"] = None if content.context.sender is None else str(content.context.sender)
    with pytest.raises(verify_pack.Bad, match=r"content\.broken"):
        _open(suite + content.blob[1:], content.key, row)
    assert _open(content.blob, content.key, row)


def _open(blob: bytes, key: BlobKey, row: dict[str, Any]) -> bytes:
    return verify_pack.open_blob(blob, key.secret, verify_pack.bound(row, str(vault.deployment()), key.epoch, blob[:1]))


@pytest.mark.parametrize(
    "origin", [None, b"null", b"", b"https://evil.example", b"http://localhost.evil.example", b"localhost", b"ftp://localhost"]
)
def test_only_pages_of_this_host_may_open_a_socket(origin: bytes | None, settings: Settings) -> None:
    settings.XINQIAO_ORIGINS = ["https://chat.example.org"]
    headers = [(b"host", b"localhost"), *([] if origin is None else [(b"origin", origin)])]
    assert not handshake.origin_allowed({"headers": headers})
    for own in (b"http://localhost", b"https://localhost", b"https://chat.example.org"):
        assert handshake.origin_allowed({"headers": [(b"host", b"localhost"), (b"origin", own)]})


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"hours": 72}, {"purpose": "quality"}, {"case_number": "T-2"}])
def test_a_grant_with_other_hours_than_were_signed_for_opens_nothing(cast: None, change: dict[str, Any]) -> None:
    grant = granted(consultation(summary="好转"))
    AccessGrant.objects.filter(chain_id=grant).update(**change)
    with pytest.raises(Refused) as caught:
        grants.open_for_reading(who("zhou"), grant, "conversation", "conversation.read")
    assert caught.value.kind.code == "grant.altered"


FRAMES = {
    "deep": '{"type":"ping","id":"bad","x":' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep and open": "[" * 1_000_000,
    "a lone surrogate": json.dumps({"type": "message.send", "id": "x", "text": "\ud800"}),
    "a number beyond all": '{"type":"timeline.follow","id":"x","since":' + "9" * 10_000 + "}",
    "a number for an id": '{"type":"ping","id":5}',
    "nothing": "",
}


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_that_is_no_command_is_refused_and_never_a_crash(frame: str) -> None:
    with pytest.raises(parsing.BadFrame):
        parsing.parse(FRAMES[frame])


@pytest.mark.parametrize("address", ["unix:///nowhere/clamd.ctl", "tcp://127.0.0.1:9", "clamd"])
def test_what_a_scanner_was_not_asked_about_is_not_clean(address: str, settings: Settings) -> None:
    settings.XINQIAO_CLAMD = address
    with pytest.raises(Refused) as caught:
        scanning.scan(b"anything")
    assert (caught.value.kind.code, caught.value.kind.retry) == ("attachment.scanner_down", True)


@dataclass(eq=False)
class Page:
    """A connection of somebody who is signed in, as the switchboard sees it. `heard`: kinds of frames."""

    person: UUID
    line: str | None
    session: str = ""
    departments: frozenset[UUID] = frozenset()
    heard: list[str] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, frame: bytes) -> None:
        self.heard.append(json.loads(frame)["type"])
        if self.heard[-1] == "call.accepted":
            self.answered.set()

    async def drained(self) -> None:
        return None

    def close(self, code: int) -> None:
        raise AssertionError(code)


@pytest.fixture
def threads(transactional_db: None) -> Iterator[None]:
    """Let go, behind the test, of the connections that the sockets' threads keep: of every one, so each waits for the others."""
    yield
    together = threading.Barrier(WORKERS)

    def let_go() -> None:
        together.wait(PATIENCE_SECONDS)
        connection.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(in_database(let_go) for _ in range(WORKERS)))

    asyncio.run(all_of_them())


async def test_only_the_two_devices_of_a_call_say_anything_in_it(threads: None, cast: None) -> None:
    """Not who knows its id, not a talker of another call, not another page of somebody who talks, not whoever shows their line."""
    board, pages = Switchboard(lambda _: None), {}
    for name, person in {"wang": "wang", "zhao": "zhao", "wu": "wu", "liu": "liu", "another page": "wang", "li": "li"}.items():
        pages[name] = Page(demo.demo_id(person), f"line-{name}")
    pages["no socket"] = Page(demo.demo_id("zhao"), None)
    for page in pages.values():
        board.join(page)
    talk = await in_database(_talk, "wang", "zhao", "cardiology")
    other = await in_database(_talk, "wu", "liu", "paediatrics")
    for name, call in {"wang": talk, "zhao": talk, "wu": other, "liu": other, "another page": talk}.items():
        board.bind(pages[name], call)
    for name in ("wang", "zhao", "wu", "liu"):
        await pages[name].answered.wait()
    said = calls.RtcDescription("1", talk, "offer", "v=0")
    for name in ("wu", "liu", "li", "another page", "no socket"):
        with pytest.raises(Refused):
            board.passes(pages[name], said)
    board.passes(pages["wang"], said)
    assert [name for name, page in pages.items() if "peer.description" in page.heard] == ["zhao"]
    envelope = envelopes.seal(talk, "line-wang", b'{"type":"peer.description"}')
    board.carried(flipped(envelope, 60))  # somebody writes into the layer that the processes share
    assert "peer.description" not in pages["wang"].heard
    board.carried(envelope)
    assert pages["wang"].heard[-1] == "peer.description"


def _talk(patient: str, doctor: str, department: str) -> UUID:
    """A call that the doctor answered, each on a line of their name."""
    case = consultation(patient, doctor, department)
    call = acts.invite(who(patient), calls.CallInvite("1", case.id, client_id(), "phone-of-hers", ["audio"]), f"line-{patient}")
    acts.accept(who(doctor), calls.CallAccept("2", call, "desk-of-hers", ["audio"]), f"line-{doctor}")
    return call
