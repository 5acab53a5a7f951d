"""Clinicians talk beside a case; its patient can never list a word of it."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from consult import consultations
from consult.conversation import messages, sides
from consult.models import Consultation, SideThread
from consult.protocol import ConsultationReturn, MessageSend, SideInvite, SideOpen
from records.errors import Refused
from records.people import Department
from tests.access import inventory
from tests.cast import Browser, client_id, code_of, consultation, id_of, who
from tests.consult.device import Device, browser, device
from tests.deployment import Server

SECRET = "疑似甲状腺结节，先别告诉患者"


@pytest.fixture
def case(cast: None) -> Consultation:
    return consultation("wang", "zhao")


def opened(case: Consultation) -> UUID:
    side, _ = sides.open_beside(who("zhao"), SideOpen("r", case.id, client_id()))
    return side


def test_one_case_has_one_discussion(case: Consultation) -> None:
    assert opened(case) == opened(case)
    assert SideThread.objects.filter(about=case).count() == 1


@pytest.mark.parametrize("person", ["wang", "lin", "zhou"])
def test_only_clinicians_are_asked_in(case: Consultation, person: str) -> None:
    with pytest.raises(Refused, match=r"side\.no_colleague"):
        sides.invite(who("zhao"), SideInvite("r", opened(case), client_id(), id_of(person)))


def test_a_name_that_no_database_takes_is_said_to_be_wrong(browser_of: Callable[[str], Browser]) -> None:
    assert code_of(browser_of("zhao").get("/api/colleagues?q=%00")) == "bad_input"


def test_who_may_not_invite_invites_nobody_by_naming_them(case: Consultation) -> None:
    side = opened(case)
    sides.invite(who("zhao"), SideInvite("r", side, client_id(), id_of("sun")))
    for named, answer in (("zhao", None), ("liu", "side.no_colleague")):
        message = MessageSend("r", side, client_id(), "请看", mentions=[id_of(named)])
        if answer is None:
            assert messages.prepare(who("sun"), message)
            continue
        with pytest.raises(Refused, match=answer):
            messages.prepare(who("sun"), message)
    assert not SideThread.objects.filter(members__person=id_of("liu")).exists()


def test_a_doctor_who_is_the_patient_here_is_kept_out(case: Consultation) -> None:
    """Dr Liu falls ill, and Dr Zhao treats her."""
    who("liu").roles.create(role="patient")
    own = consultation("liu", "zhao")
    with pytest.raises(Refused, match=r"side\.no_colleague"):
        sides.invite(who("zhao"), SideInvite("r", opened(own), client_id(), id_of("liu")))
    assert sides.mine(who("liu")) == []
    with pytest.raises(Refused, match="not_found"):
        sides.beside(who("liu"), own.id)


def test_the_discussion_goes_with_the_case_and_not_with_who_left_it(case: Consultation) -> None:
    opened(case)
    who("qian").departments.add(Department.objects.get(code="cardiology"))
    consultations.give_back(who("zhao"), ConsultationReturn("r", case.id, client_id(), "换班"))
    assert sides.mine(who("zhao")) == []
    consultations.claim(who("qian"), case.id)
    assert [row["about"]["consultation"] for row in sides.mine(who("qian"))] == [case.id]


async def _discussion(wang: Device, zhao: Device) -> tuple[str, str]:
    """A case of Wang's, taken by Dr Zhao, and the discussion beside it."""
    case = await wang.open()
    await zhao.ask("consultation.claim", consultation=case)
    return case, (await zhao.ask("side.open", consultation=case, client_id=client_id()))["consultation"]


async def test_the_patient_can_list_no_side_message_at_any_endpoint(server: Server) -> None:
    async with device(server, "zhao") as zhao, device(server, "liu") as liu, device(server, "wang") as wang:
        case, side = await _discussion(wang, zhao)
        await wang.follow(case)
        await zhao.ask("side.invite", consultation=side, client_id=client_id(), person=str(id_of("liu")))
        await liu.follow(side)
        said = await zhao.say(side, SECRET)
        assert (await liu.reads(side, said["seq"]))[-1]["body"]["text"] == SECRET
        assert (await wang.ask("timeline.follow", consultation=side, since=0))["code"] == "not_found"
        assert (await wang.say(side, "x"))["code"] == "not_found"
        await _everything_wang_can_get(server, case, side)
        heard = json.dumps(wang.heard, ensure_ascii=False)
        assert SECRET not in heard
        assert side not in heard, "not even that there is one"


async def _everything_wang_can_get(server: Server, case: str, side: str) -> None:
    """Every GET of the server, with the ids of the case, of the discussion and of herself in every place of its address."""
    async with browser(server, "wang") as page:
        addresses = [one.partition(" ")[2] for one in inventory.endpoints() if one.startswith("GET ")]
        for address in addresses:
            for id_ in (case, side, str(id_of("wang"))) if "{" in address else ("",):
                path = "/".join(id_ if part.startswith("{") else part for part in address.split("/"))
                answer = await page.http.get(path, params={"q": "甲状腺", "since": 0})
                assert SECRET not in answer.text, path
                assert side not in answer.text or answer.status_code >= 400, path


async def test_a_colleague_who_is_named_is_asked_in(server: Server) -> None:
    async with device(server, "zhao") as zhao, device(server, "liu") as liu, device(server, "wang") as wang:
        _, side = await _discussion(wang, zhao)
        assert (await liu.ask("timeline.follow", consultation=side, since=0))["code"] == "not_found"
        named = {"client_id": client_id(), "text": "刘医生您看一下", "mentions": [str(id_of("liu"))]}
        assert (await zhao.ask("message.send", consultation=side, **named))["type"] == "ack"
        await liu.follow(side)
        events = await liu.reads(side, 3)
        assert [event["kind"] for event in events] == ["side.opened", "side.joined", "message.posted"]
        patient = {"client_id": client_id(), "text": "x", "mentions": [str(id_of("wang"))]}
        assert (await zhao.ask("message.send", consultation=side, **patient))["code"] == "side.no_colleague"
