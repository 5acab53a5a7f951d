"""What was said can be taken back or put right: for participants it is gone, for reviewers it stands."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consult import commands, timeline
from consult.conversation import messages
from consult.models import Consultation, Event, Retraction
from consult.oversight import review
from consult.protocol import ConsultationClose, MessageCorrect, MessageRetract
from consult.waiting_room import last_lines, unread
from records.errors import Refused
from records.ledger.audit import check_chain
from records.ledger.chains import now_ms
from records.people import Credential
from tests.cast import client_id, consultation, who
from tests.consult.device import Device, Frame, device
from tests.deployment import Server


@pytest.fixture
def case(cast: None) -> Consultation:
    """Wang wrote (3) and Dr Zhao answered (4)."""
    return consultation("wang", "zhao", said=(("wang", "我昨晚没吃药"), ("zhao", "药量加倍")))


def shown(case: Consultation) -> list[tuple[str, Any]]:
    events = [json.loads(event) for event in timeline.since(case.id, 0).events]
    return [(event["kind"], event["body"]) for event in events]


def refusal(act: Any, *words: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*words)
    return caught.value.kind.code


def test_what_wang_takes_back_is_gone_for_both_and_stays_sealed(case: Consultation) -> None:
    messages.retract(who("wang"), MessageRetract("r", case.id, client_id(), 3, "发错了"))
    kinds = shown(case)
    assert kinds[2] == ("message.retracted_original", {}), "its place in the sequence stays, its words do not"
    assert kinds[4] == ("message.retracted", {"of": 3, "reason": "发错了"})
    assert "没吃药" not in json.dumps(kinds, ensure_ascii=False)
    kept = Event.objects.get(thread=case.id, seq=3)
    assert json.loads(timeline.body_of(kept)) == {"text": "我昨晚没吃药"}
    assert check_chain(case.id).state != "mismatch"
    assert review._body(kept) == {"text": "我昨晚没吃药"}, "what the case viewer shows"


def test_paging_back_and_lists_withhold_it_too(case: Consultation) -> None:
    messages.retract(who("wang"), MessageRetract("r", case.id, client_id(), 3))
    page = timeline.before(case.id, 5, 50)
    assert b"message.retracted_original" in page.events[2]
    assert last_lines([case.id]) == {case.id: "药量加倍"}
    messages.retract(who("zhao"), MessageRetract("r", case.id, client_id(), 4))
    assert last_lines([case.id]) == {}


@pytest.mark.parametrize("key", ["wang", "zhao"])
def test_nobody_takes_back_what_another_said(case: Consultation, key: str) -> None:
    others = {"wang": 4, "zhao": 3}[key]
    assert refusal(messages.retract, who(key), MessageRetract("r", case.id, client_id(), others)) == "message.not_yours"


def test_outsiders_and_reviewers_take_nothing_back(case: Consultation) -> None:
    for key in ("li", "qian", "zhou"):
        assert refusal(messages.retract, who(key), MessageRetract("r", case.id, client_id(), 3)) == "not_found"


def test_wang_has_two_minutes_and_the_doctor_until_the_case_is_closed(
    case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "now_ms", lambda: now_ms() + 121_000)
    assert refusal(messages.retract, who("wang"), MessageRetract("r", case.id, client_id(), 3)) == "message.too_late"
    messages.retract(who("zhao"), MessageRetract("r", case.id, client_id(), 4))
    commands.RUN[ConsultationClose](who("zhao"), ConsultationClose("c", case.id, client_id(), "好转"))
    late = MessageCorrect("r", case.id, client_id(), 4, "x")
    assert refusal(messages.correct, who("zhao"), late) == "consultation.closed_already"


def test_the_lost_answer_of_a_retraction_comes_again(case: Consultation) -> None:
    command = MessageRetract("r", case.id, "retract-1", 3)
    first = messages.retract(who("wang"), command)
    assert messages.retract(who("wang"), command) == first
    assert Retraction.objects.filter(thread=case.id).count() == 1
    again = MessageRetract("r", case.id, client_id(), 3)
    assert refusal(messages.retract, who("wang"), again) == "message.gone"


def test_zhao_puts_his_advice_right_and_both_stay_readable(case: Consultation) -> None:
    messages.correct(who("zhao"), MessageCorrect("r", case.id, client_id(), 4, "药量不变"))
    kinds = shown(case)
    assert kinds[3] == ("message.posted", {"text": "药量加倍"})
    assert kinds[4] == ("message.corrected", {"of": 4, "text": "药量不变"})
    assert last_lines([case.id]) == {case.id: "药量不变"}
    assert refusal(messages.correct, who("wang"), MessageCorrect("r", case.id, client_id(), 3, "x")) == "not_found"


def test_a_lapsed_licence_corrects_nothing_either(case: Consultation) -> None:
    Credential.objects.filter(person=who("zhao")).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert (
        refusal(messages.correct, who("zhao"), MessageCorrect("r", case.id, client_id(), 4, "药量减半")) == "credential.lapsed"
    )
    messages.retract(who("zhao"), MessageRetract("r", case.id, client_id(), 4))


def test_only_messages_can_be_taken_back(case: Consultation) -> None:
    for seq in (1, 2, 99):
        assert refusal(messages.retract, who("wang"), MessageRetract("r", case.id, client_id(), seq)) == "message.gone"


def test_a_retraction_is_nothing_new_to_read(case: Consultation) -> None:
    before = unread(who("zhao"), [case.id])[case.id]
    messages.retract(who("wang"), MessageRetract("r", case.id, client_id(), 3))
    assert unread(who("zhao"), [case.id])[case.id] == before


async def _send(asker: Device, case: str, text: str, **members: Any) -> Frame:
    return await asker.ask("message.send", consultation=case, client_id=client_id(), text=text, **members)


async def test_an_answer_quotes_what_it_answers_and_nothing_that_is_not_there(server: Server) -> None:
    async with device(server, "wang") as wang:
        case = await wang.open()
        first = await wang.say(case, "药吃完了")
        reply = await _send(wang, case, "是降压药", reply_to=first["seq"])
        assert reply["type"] == "ack"
        gone = await _send(wang, case, "x", reply_to=99)
        assert gone["code"] == "message.gone"
        await wang.follow(case)
        events = await wang.reads(case, reply["seq"])
        assert events[-1]["body"] == {"text": "是降压药", "reply_to": first["seq"]}


async def test_a_retraction_reaches_the_open_pages_of_both(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        await zhao.ask("consultation.claim", consultation=case)
        for person in (wang, zhao):
            await person.follow(case)
        said = await wang.say(case, "发错人了")
        back = await wang.ask("message.retract", consultation=case, client_id=client_id(), seq=said["seq"])
        for person in (wang, zhao):
            assert (await person.reads(case, back["seq"]))[-1]["kind"] == "message.retracted"
        async with device(server, "zhao") as phone:
            await phone.follow(case)
            assert "发错人了" not in json.dumps(await phone.reads(case, back["seq"]), ensure_ascii=False)


async def test_each_cursor_says_since_when(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        await zhao.ask("consultation.claim", consultation=case)
        await wang.follow(case)
        await zhao.ask("cursor.advance", consultation=case, delivered=2, read=1)
        frame = await wang.until(lambda f: f["type"] == "cursors", "Dr Zhao's cursor")
        (cursor,) = frame["cursors"]
        assert (cursor["delivered"], cursor["read"]) == (2, 1)
        assert abs(cursor["read_at"] - now_ms()) < 60_000
        assert cursor["delivered_at"] == cursor["read_at"]
