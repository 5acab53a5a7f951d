"""What the header of a case says: in what state it is, and whose turn."""

import pytest

from consult import consultations
from consult.protocol import ConsultationClose
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
