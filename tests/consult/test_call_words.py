"""What was done in calls is in the evidence and in the patient's own copy, in words, and proven like everything else."""

import re
from uuid import UUID, uuid4

import pytest

from consult import copies, timeline
from consult.calls import acts, consent, hearing, photos, watching, words
from consult.calls.errors import JUDGED, NOT_ACTIVE
from consult.models import Call, CallSeat, Event
from consult.packs import readable
from consult.protocol import Attachment, Posted, arrangements, calls
from consult.protocol.call_events import CALL_BODIES
from consult.protocol.captions import CAPTION_BODIES
from consult.protocol.rooms import ROOM_BODIES
from consult.timeline import Appended
from records.errors import NOT_FOUND, Refused
from records.ledger.audit import check_chain
from records.ledger.sequencer import Sequencer
from records.people import Person
from tests.cast import client_id, consultation, who


def _judge(person: Person, call: UUID, heard: arrangements.Heard) -> tuple[UUID, Appended]:
    return hearing.judge(person, arrangements.CallJudge("9", call, client_id(), heard, rtt_ms=80))


@pytest.mark.django_db
def test_a_missed_and_a_recorded_call_are_told_in_both_languages(cast: None) -> None:
    case, wang, zhao = consultation(), who("wang"), who("zhao")
    acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "wangs-phone", ["audio", "video"]), "line-w")
    Call.objects.update(until=0)
    assert watching.sweep() == 1
    case.refresh_from_db()
    assert case.needs_reply_since is not None, "whom she could not reach owes her an answer"
    call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "wangs-phone", ["audio"]), "line-w")
    acts.accept(zhao, calls.CallAccept("2", call, "zhaos-desk", ["audio"]), "line-z")
    consent.request(zhao, calls.RecordingRequest("3", call, client_id(), "7"), "line-z")
    consent.answer(wang, calls.RecordingConsent("4", call, client_id(), granted=True, text_version="7"), "line-w")
    Call.objects.filter(id=call).update(answered_at=Call.objects.get(id=call).at - 65_000)
    watching.drop(call, "line-w")
    CallSeat.objects.filter(away_until__isnull=False).update(away_until=0)
    assert watching.sweep() == 1
    assert _judge(wang, call, "not_heard")[1] == _judge(wang, call, "not_heard")[1], "once"
    with pytest.raises(Refused, match=JUDGED.code):
        _judge(wang, call, "good")
    Sequencer().step()
    assert check_chain(case.id).state == "verified"
    said = [readable.line(case.id, row, {}, None) for row in Event.objects.filter(thread=case.id).order_by("seq")]
    told = [(line.kind["en"], line.text) for line in said[2:]]
    assert told.pop() == ("said how the call was", "听不清 could not hear well · 往返 80 毫秒 round trip 80 ms")
    assert told[:-1] == [
        ("called", "视频 video"),
        ("the call ended", "未接听 not answered"),
        ("called", "语音 voice"),
        ("answered the call", "语音 voice"),
        ("asked to record the call", "说明版本 7 sheet 7"),
        ("answered whether it may be recorded", "同意 yes · 说明版本 7 sheet 7"),
        ("recording began", "双方都同意 everybody agreed"),
        ("a device lost its connection to the call", ""),
        ("recording stopped", "通话结束 the call ended"),
    ]
    length = r"已接通 answered · 1 分 (\d+) 秒 1 min \1 s · 连接中断 the connection was lost"
    assert re.fullmatch(length, told[-1][1]), told[-1]
    page = re.sub(r"<[^>]+>", " ", copies.copy_for(wang))
    assert "通话结束 the call ended 未接听 not answered" in page
    assert set(words.KINDS) == set(CALL_BODIES) | set(CAPTION_BODIES) | set(ROOM_BODIES)


@pytest.mark.django_db
def test_nobody_says_how_a_call_was_that_nobody_answered_or_that_is_long_over(cast: None) -> None:
    case, wang, zhao = consultation(), who("wang"), who("zhao")
    call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "wangs-phone", ["audio"]), "line-w")
    acts.decline(zhao, calls.CallDecline("2", call), "line-z")
    for person in (wang, zhao, who("sun")):
        with pytest.raises(Refused, match=NOT_FOUND.code):
            _judge(person, call, "good")
    again = acts.invite(wang, calls.CallInvite("3", case.id, client_id(), "wangs-phone", ["audio"]), "line-w")
    acts.accept(zhao, calls.CallAccept("4", again, "zhaos-desk", ["audio"]), "line-z")
    acts.hang_up(zhao, calls.CallHangup("5", again))
    assert _judge(zhao, again, "good")
    Call.objects.filter(id=again).update(ended_at=0)
    with pytest.raises(Refused, match=NOT_FOUND.code):
        _judge(wang, again, "good")


@pytest.mark.django_db
def test_dr_zhao_asks_for_a_photo_while_they_talk_until_one_has_come(cast: None) -> None:
    case, wang, zhao = consultation(), who("wang"), who("zhao")
    call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "wangs-phone", ["audio"]), "line-w")
    asks = calls.CallAskPhoto("3", call, client_id(), "右脚踝")
    with pytest.raises(Refused, match=NOT_ACTIVE.code):
        photos.ask(wang, asks, "line-w")
    acts.accept(zhao, calls.CallAccept("2", call, "zhaos-desk", ["audio"]), "line-z")
    with pytest.raises(Refused, match=NOT_FOUND.code):
        photos.ask(wang, asks, "line-w")
    assert photos.asked(case) is None
    for _ in range(2):  # the answer to the first was lost
        photos.ask(zhao, asks, "line-z")
    event = Event.objects.get(thread=case.id, kind="call.photo_asked")
    timeline.append(case.id, "message.posted", wang, Posted("好的，我来拍"))
    assert photos.asked(case) == {"seq": event.seq, "what": "右脚踝"}
    picture = Attachment(uuid4(), "image", "照片", "image/jpeg", 1, "00" * 32)
    timeline.append(case.id, "message.posted", wang, Posted("", attachments=[picture]))
    assert photos.asked(case) is None
    photos.ask(zhao, calls.CallAskPhoto("4", call, client_id()), "line-z")
    assert photos.asked(case) is not None
    acts.hang_up(zhao, calls.CallHangup("5", call))
    assert photos.asked(case) is None, "the call is over"
