"""What people do about a room, without a media server: who is rung, who says no, and who was quicker."""

from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from consult import commands, timeline
from consult.calls import acts as call_acts
from consult.models import Call, CallSeat, Event
from consult.protocol import calls, rooms
from consult.rooms import acts
from consult.rooms.errors import BUSY
from records.errors import BAD_INPUT, Refused
from tests.cast import client_id, consultation, id_of, who

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def case(cast: None, settings: Settings) -> UUID:
    """Wang's, of Dr Zhao."""
    settings.XINQIAO_JANUS_SOCKET = "/nowhere"
    return consultation().id


def opened(case: UUID) -> UUID:
    return acts.open_room(who("zhao"), rooms.RoomOpen("1", case, client_id(), "zhaos-desk", ["audio"]), "line-z")


def test_no_note_comes_with_a_no_to_a_room_and_nothing_was_done_when_one_did(case: UUID) -> None:
    room = opened(case)
    acts.invite(who("zhao"), rooms.RoomInvite("2", room, client_id(), id_of("wang")))
    with pytest.raises(Refused) as refusal:
        commands.CALLS[calls.CallDecline](who("wang"), calls.CallDecline("3", room, note="在开会"), "line-w")
    assert refusal.value.kind is BAD_INPUT
    assert CallSeat.objects.get(call=room, person=who("wang")).state == "rung"
    call_acts.decline(who("wang"), calls.CallDecline("4", room), "line-w")
    assert not Event.objects.filter(thread=case, kind="message.posted").exists()


def test_two_who_ring_one_guest_at_the_same_moment_are_told_who_was_slower(case: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at where Wang is and her seat, another room takes her."""
    room, other, append = opened(case), consultation("wu").id, timeline.append

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        call = Call.objects.create(consultation_id=other, caller=who("wu"), media=[], at=0, until=0)
        CallSeat.objects.create(call=call, person=who("wang"), state="rung")
        return append(*args, **kwargs)

    monkeypatch.setattr(timeline, "append", meanwhile)
    with pytest.raises(Refused) as refusal:
        acts.invite(who("zhao"), rooms.RoomInvite("2", room, client_id(), id_of("wang")))
    assert refusal.value.kind is BUSY
