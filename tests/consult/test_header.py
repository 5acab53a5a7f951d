"""What the header of a case says: in what state it is, and whose turn."""

import pytest
from django.utils import timezone

from consult import consultations
from consult.calls import acts
from consult.models import Consultation, Cursor, Event
from consult.protocol import ConsultationClose, calls
from consult.waiting_room import one
from tests.cast import client_id, consultation, who

pytestmark = pytest.mark.django_db


def test_a_state_never_comes_with_the_number_of_a_later_act(cast: None) -> None:
    """A page that has heard of an act takes a header of that number for the newest there is."""
    case = consultation(said=(("wang", "头晕"),))
    loaded = consultations.load(who("wang"), case.id, "consultation.see")
    closed = consultations.close(who("zhao"), ConsultationClose("c", case.id, client_id(), "没事了"))
    header = one(who("wang"), loaded)
    assert (header["state"], header["last_seq"]) == ("active", closed.seq - 1)


@pytest.mark.parametrize("caller", ["wang", "zhao"])
@pytest.mark.parametrize("seen", [True, False])
def test_a_call_answers_what_the_doctor_has_read_and_nothing_else(cast: None, caller: str, *, seen: bool) -> None:
    case = consultation(said=(("wang", "头晕"), ("zhao", "量过血压吗？"), ("wang", "168/95，要紧吗？")))
    asked = Event.objects.filter(thread=case.id, kind="message.posted").order_by("seq").last()
    assert asked is not None
    Cursor.objects.create(thread_id=case.id, person=who("zhao"), read=asked.seq if seen else asked.seq - 1)
    Consultation.objects.filter(pk=case.pk).update(needs_reply_since=timezone.now())
    call = acts.invite(who(caller), calls.CallInvite("1", case.id, client_id(), "a-phone", ["audio"]), "line-1")
    callee = {"wang": "zhao", "zhao": "wang"}[caller]
    acts.accept(who(callee), calls.CallAccept("2", call, "a-desk", ["audio"]), "line-2")
    since = Consultation.objects.get(pk=case.pk).needs_reply_since
    assert (since is None) if seen else (since is not None and round(since.timestamp() * 1000) == asked.at)
