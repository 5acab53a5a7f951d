"""One batch of acts: who is refused, what is repeated, and that any mixture of acts ends as one gapless, verifiable timeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consult import consultations, timeline
from consult.models import Consultation, Cursor
from consult.models import Event as EventRow
from consult.protocol import ConsultationReturn, Event, Posted, encode
from consult.writing.acts import Committed, Outcome, Submission
from consult.writing.batch import MESSAGE_KIND, commit
from records.ledger.models import Chain, Leaf, PendingLeaf
from records.people import Credential
from records.vault import SealBroken
from tests.cast import consultation, id_of, who

pytestmark = pytest.mark.django_db

PEOPLE = ["wang", "zhao", "wu", "li", "qian"]


@pytest.fixture
def case(cast: None) -> Consultation:
    """Wang's consultation, taken by Dr Zhao."""
    return consultation("wang", "zhao")


@pytest.fixture
def sessions(cast: None) -> dict[str, str]:
    """A live session for each."""
    return {key: new_session() for key in PEOPLE}


def new_session() -> str:
    store = SessionStore()
    store.create()
    return str(store.session_key)


def unheard(outcome: Outcome) -> None:
    """These tests read what `commit` returns."""


def message(case: UUID, sender: str, session: str, text: str, client_id: str) -> Submission:
    return Submission(case, id_of(sender), session, "message.send", MESSAGE_KIND, unheard, client_id, encode(Posted(text)))


def store(*batch: Submission) -> list[Outcome]:
    with transaction.atomic():
        outcomes, _ = commit(batch)
    return outcomes


def code(outcome: Outcome) -> str:
    return "committed" if isinstance(outcome, Committed) else outcome.kind.code


def spoken(case: Consultation) -> list[tuple[int, str]]:
    page = timeline.since(case.id, 0)
    events = [msg for msg in map(_decode, page.events) if msg.kind == MESSAGE_KIND]
    return [(event.seq, bytes(event.body).decode()) for event in events]


def _decode(frame: bytes) -> Event:
    return msgspec.json.decode(frame, type=Event)


def test_the_patient_and_her_doctor_may_write_and_nobody_else(case: Consultation, sessions: dict[str, str]) -> None:
    outcomes = store(*(message(case.id, key, sessions[key], "在吗", f"client-{key}") for key in PEOPLE))
    assert [code(outcome) for outcome in outcomes] == ["committed", "committed", "not_found", "not_found", "not_found"]


def test_a_doctor_who_gave_the_case_back_may_not_write_in_it(case: Consultation, sessions: dict[str, str]) -> None:
    consultations.give_back(who("zhao"), ConsultationReturn("r", case.id, "given-back", "今天门诊"))
    assert code(store(message(case.id, "zhao", sessions["zhao"], "在吗", "client-001"))[0]) == "not_found"


def test_a_doctor_who_gave_the_case_back_is_told_again_what_was_stored_before(
    case: Consultation, sessions: dict[str, str]
) -> None:
    said = message(case.id, "zhao", sessions["zhao"], "在吗", "client-001")
    (first,) = store(said)
    consultations.give_back(who("zhao"), ConsultationReturn("r", case.id, "given-back", "今天门诊"))
    (again,) = store(said)
    assert isinstance(first, Committed)
    assert isinstance(again, Committed)
    assert (again.seq, again.at) == (first.seq, first.at)
    assert code(store(message(case.id, "zhao", sessions["zhao"], "别的话", "client-001"))[0]) == "client_id.conflict"
    assert len(spoken(case)) == 1


def test_a_session_that_ended_writes_nothing_however_open_its_socket(case: Consultation, sessions: dict[str, str]) -> None:
    Session.objects.filter(session_key=sessions["wang"]).delete()
    Session.objects.filter(session_key=sessions["zhao"]).update(expire_date=timezone.now() - timedelta(seconds=1))
    batch = [message(case.id, key, sessions[key], "在吗", f"client-{key}") for key in ("wang", "zhao")]
    assert [code(outcome) for outcome in store(*batch)] == ["signed_out", "signed_out"]


def test_a_deactivated_person_writes_nothing(case: Consultation, sessions: dict[str, str]) -> None:
    wang = who("wang")
    wang.is_active = False
    wang.save()
    assert code(store(message(case.id, "wang", sessions["wang"], "在吗", "client-001"))[0]) == "signed_out"


def test_a_lapsed_licence_blocks_replies_and_not_the_patient(case: Consultation, sessions: dict[str, str]) -> None:
    Credential.objects.filter(person=who("zhao")).update(expires_on=timezone.localdate() - timedelta(days=1))
    batch = [message(case.id, key, sessions[key], "在吗", f"client-{key}") for key in ("wang", "zhao")]
    assert [code(outcome) for outcome in store(*batch)] == ["committed", "credential.lapsed"]


def test_the_same_id_twice_in_one_batch_is_one_message(case: Consultation, sessions: dict[str, str]) -> None:
    same = message(case.id, "wang", sessions["wang"], "头晕", "client-001")
    other = message(case.id, "wang", sessions["wang"], "不晕", "client-001")
    first, again, conflict = store(same, same, other)
    assert isinstance(first, Committed)
    assert isinstance(again, Committed)
    assert (first.seq, first.at) == (again.seq, again.at)
    assert again.receipt is None, "a receipt belongs to the commit that stored it"
    assert code(conflict) == "client_id.conflict"
    assert len(spoken(case)) == 1


def test_two_people_may_use_the_same_client_id(case: Consultation, sessions: dict[str, str]) -> None:
    batch = [message(case.id, key, sessions[key], key, "client-001") for key in ("wang", "zhao")]
    assert [code(outcome) for outcome in store(*batch)] == ["committed", "committed"]


def test_a_message_waits_for_a_reply_until_the_doctor_writes(case: Consultation, sessions: dict[str, str]) -> None:
    store(message(case.id, "zhao", sessions["zhao"], "您好", "client-001"))
    assert not Consultation.objects.get(pk=case.pk).needs_reply_since
    store(message(case.id, "wang", sessions["wang"], "您好", "client-002"))
    since = Consultation.objects.get(pk=case.pk).needs_reply_since
    store(message(case.id, "wang", sessions["wang"], "在吗", "client-003"))
    assert since
    assert Consultation.objects.get(pk=case.pk).needs_reply_since == since, "counted from the first unanswered one"


def test_an_event_opens_only_where_it_was_said(case: Consultation, sessions: dict[str, str]) -> None:
    store(*(message(case.id, "wang", sessions["wang"], text, f"client-{text}") for text in ("first", "second")))
    one, two = EventRow.objects.filter(thread=case.id, kind=MESSAGE_KIND).order_by("seq")
    one.body, two.body = two.body, one.body
    for swapped in (one, two):
        with pytest.raises(SealBroken):
            timeline.body_of(swapped)


acts = st.lists(
    st.tuples(st.sampled_from(["wang", "zhao", "read"]), st.integers(0, 5), st.sampled_from(["头晕", "好些了", "x" * 500])),
    max_size=12,
)


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that leaves nothing behind: one for each example."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(batches=st.lists(acts, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mixture_of_batches_ends_as_one_gapless_timeline(cast: None, batches: list[list[tuple[str, int, str]]]) -> None:
    with rolled_back():
        case = consultation("wang", "zhao")
        sessions = {key: new_session() for key in ("wang", "zhao")}
        model: dict[tuple[str, int], str] = {}
        order: list[str] = []
        for batch in batches:
            submissions = [_act(case, sessions, *act) for act in batch]
            for (actor, number, text), outcome in zip(batch, store(*submissions) if submissions else [], strict=True):
                _expect(model, order, actor, number, text, outcome)
        _holds(case, order)


def _act(case: Consultation, sessions: dict[str, str], actor: str, number: int, text: str) -> Submission:
    if actor != "read":
        return message(case.id, actor, sessions[actor], text, f"client-{number}")
    return Submission(case.id, id_of("zhao"), sessions["zhao"], "consultation.read", None, unheard, read=number)


def _expect(model: dict[tuple[str, int], str], order: list[str], actor: str, number: int, text: str, outcome: Outcome) -> None:
    if actor == "read":
        assert isinstance(outcome, Committed)
        return
    known = model.get((actor, number))
    assert code(outcome) == ("committed" if known in {None, text} else "client_id.conflict")
    if known is None:
        model[actor, number] = text
        order.append(text)


def _holds(case: Consultation, order: list[str]) -> None:
    """The timeline says what was said, in order; the sequence has no gap; every event has its leaf, and its leaf a place in line."""
    assert [body for _, body in spoken(case)] == [encode(Posted(text)).decode() for text in order]
    chain = Chain.objects.get(id=case.id)
    seqs = list(EventRow.objects.filter(thread=case.id).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, chain.last_seq + 1))
    leaves = Leaf.objects.filter(chain=chain).order_by("seq")
    assert [leaf.seq for leaf in leaves] == seqs
    assert bytes(leaves.last().hash) == bytes(chain.head)  # type: ignore[union-attr]  # a consultation has its opening
    assert PendingLeaf.objects.filter(leaf__chain=chain).count() == len(seqs)
    read = Cursor.objects.filter(thread=case.id, person=who("zhao")).values_list("read", flat=True).first()
    assert (read or 0) <= chain.last_seq


@pytest.mark.parametrize(
    ("kept", "answers"),
    [("sealed", {"wang": "committed", "zhao": "not_found"}), ("shredded", dict.fromkeys(("wang", "zhao"), "not_found"))],
)
def test_nobody_moves_a_cursor_where_nobody_may_read(
    case: Consultation, sessions: dict[str, str], kept: str, answers: dict[str, str]
) -> None:
    Consultation.objects.filter(chain=case.id).update(kept=kept)
    for person, answer in answers.items():
        moved = Submission(case.id, id_of(person), sessions[person], "consultation.read", None, unheard, read=1, delivered=1)
        assert [code(outcome) for outcome in store(moved)] == [answer], person
