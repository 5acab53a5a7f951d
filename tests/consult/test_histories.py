"""Any history of one case: batches that commit or fail, repetitions, words taken back, the case closed and opened again.

A model predicts every answer, and a follower that only ever hears what commits add must end with what a newcomer reads.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from consult import consultations, timeline
from consult.conversation import messages
from consult.models import Consultation
from consult.protocol import ConsultationClose, ConsultationReopen, Event, MessageRetract
from consult.writing.acts import Committed, Delta, Outcome, Submission
from consult.writing.batch import commit
from records.errors import Refused
from records.ledger import audit
from records.people import Department
from tests.cast import client_id, consultation, id_of, who
from tests.consult.test_batch import code, message, new_session, unheard

pytestmark = pytest.mark.django_db

ROUNDS = 2  # questions after an answer that the terms allow
EXAMPLES_A_ROUND = 10
STEPS = 20
TEXTS = ["头晕", "好些了", "x" * 500]
says = st.tuples(st.sampled_from(["wang", "wang", "zhao", "zhao", "li"]), st.integers(0, 9), st.sampled_from(TEXTS))
reads = st.tuples(st.just("read"), st.integers(0, 12), st.sampled_from(["wang", "zhao"]))
Act = tuple[str, int, str]


@dataclass
class Model:
    """What must be true. `said` has each message's sequence and words by sender and number; `kinds` the kind of each sequence."""

    kinds: list[str] = field(default_factory=lambda: ["consultation.opened", "consultation.claimed"])
    said: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    closed: bool = False
    waiting: bool = True  # for the doctor's answer
    rounds_left: int = ROUNDS

    def copy(self) -> "Model":
        return replace(self, kinds=list(self.kinds), said=dict(self.said), gone=set(self.gone))

    def says(self, sender: str, number: int, text: str) -> str:
        """The answer to a message, and what it changes."""
        if sender == "li":
            return "not_found"
        if known := self.said.get((sender, number)):
            return "committed" if known[1] == text else "client_id.conflict"
        if self.closed:
            return "consultation.closed_already"
        if sender == "wang" and not self.waiting:
            if not self.rounds_left:
                return "terms.rounds"
            self.rounds_left -= 1
        self.waiting = sender == "wang"
        self.kinds.append("message.posted")
        self.said[sender, number] = (len(self.kinds), text)
        return "committed"


class History(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = contextlib.ExitStack()
        self.world.enter_context(transaction.atomic())
        Department.objects.update(rounds=ROUNDS)
        self.case = consultation("wang", "zhao")
        self.sessions = {key: new_session() for key in ("wang", "zhao", "li")}
        self.model = Model()
        self.heard = timeline.since(self.case.id, 0).events

    @rule(acts=st.lists(says | reads, min_size=1, max_size=8), lost=st.sampled_from([False, False, False, True]))
    def batch(self, acts: list[Act], lost: bool) -> None:
        """One commit of several acts. A lost one leaves nothing behind, and can be repeated."""
        expected = self.model.copy()
        with transaction.atomic():
            outcomes, deltas = commit([self._submission(*act) for act in acts])
            for act, outcome in zip(acts, outcomes, strict=True):
                _compare(expected, act, outcome)
            transaction.set_rollback(lost)
        if lost:
            return
        self.model = expected
        self._hear(deltas)

    def _submission(self, first: str, number: int, last: str) -> Submission:
        if first == "read":
            return Submission(
                self.case.id,
                id_of(last),
                self.sessions[last],
                "consultation.read",
                None,
                unheard,
                read=number,
                delivered=number,
            )
        return message(self.case.id, first, self.sessions[first], last, f"client-{number}")

    def _hear(self, deltas: list[Delta]) -> None:
        """As the hub does: what a commit added, in place of reading the table."""
        for delta in deltas:
            assert delta.first_seq == len(self.heard) + 1
            self.heard += delta.events
            assert delta.head == len(self.heard)

    @rule(person=st.sampled_from(["wang", "zhao"]), which=st.integers(0, 9), again=st.booleans())
    def retract(self, person: str, which: int, again: bool) -> None:
        said = list(self.model.said.items())
        if which >= len(said):
            return
        (sender, _), (seq, _) = said[which]
        command = MessageRetract("test", self.case.id, client_id(), seq)
        refusal = self._refusal(seq, own=sender == person)
        assert _answer(lambda: messages.retract(who(person), command)) == refusal
        if refusal is None:
            self.model.gone.add(seq)
            self._appended("message.retracted")
            if again:
                assert messages.retract(who(person), command).seq == len(self.model.kinds)

    def _refusal(self, seq: int, *, own: bool) -> str | None:
        if self.model.closed:
            return "consultation.closed_already"
        if seq in self.model.gone:
            return "message.gone"
        return None if own else "message.not_yours"

    @rule()
    def close(self) -> None:
        command = ConsultationClose("test", self.case.id, client_id(), "小结")
        closed = _answer(lambda: consultations.close(who("zhao"), command))
        assert closed == ("consultation.closed_already" if self.model.closed else None)
        if closed is None:
            self.model.closed, self.model.waiting = True, False
            self._appended("consultation.closed")

    @rule(person=st.sampled_from(["wang", "zhao"]))
    def reopen(self, person: str) -> None:
        """A case that is closed, or whose rounds are used up."""
        over = not self.model.waiting and not self.model.rounds_left
        command = ConsultationReopen("test", self.case.id, client_id(), "又头晕了")
        reopened = _answer(lambda: consultations.reopen(who(person), command))
        assert reopened == (None if self.model.closed or over else "consultation.not_closed")
        if reopened is None:
            self.model.closed, self.model.rounds_left = False, ROUNDS
            self.model.waiting = self.model.waiting or person == "wang"
            self._appended("consultation.reopened")

    def _appended(self, kind: str) -> None:
        """An action beside the writer: followers read it from the table."""
        self.model.kinds.append(kind)
        self.heard += timeline.since(self.case.id, len(self.heard)).events

    def teardown(self) -> None:
        try:
            self._holds()
        finally:
            transaction.set_rollback(True)
            self.world.close()

    def _holds(self) -> None:
        told = [msgspec.json.decode(event, type=Event) for event in timeline.since(self.case.id, 0).events]
        assert [event.seq for event in told] == list(range(1, len(told) + 1))
        assert [event.kind for event in told] == [
            "message.retracted_original" if seq in self.model.gone else kind for seq, kind in enumerate(self.model.kinds, 1)
        ]
        heard = [msgspec.json.decode(event, type=Event) for event in self.heard]
        assert [event for event in heard if event.seq not in self.model.gone] == [
            event for event in told if event.seq not in self.model.gone
        ]
        for (sender, number), (seq, text) in self.model.said.items():
            event = heard[seq - 1]
            assert (event.sender, event.client_id, msgspec.json.decode(event.body)) == (
                id_of(sender),
                f"client-{number}",
                {"text": text},
            )
        assert not audit.check_chain(self.case.id).findings
        assert Consultation.objects.get(pk=self.case.pk).state == ("closed" if self.model.closed else "active")


def _compare(expected: Model, act: Act, outcome: Outcome) -> None:
    """The writer's answer is the model's, at the same place; a reading that counts takes a place of its own."""
    first, number, last = act
    if first == "read":
        assert isinstance(outcome, Committed)
        if outcome.seq:
            assert last == "zhao"
            expected.kinds.append("receipt.read")
            assert outcome.seq == len(expected.kinds)
        return
    assert code(outcome) == expected.says(first, number, last)
    if isinstance(outcome, Committed):
        assert outcome.seq == expected.said[first, number][0]


def _answer(action: Callable[[], Any]) -> str | None:
    """None when it was done, else the code of the refusal."""
    try:
        action()
    except Refused as refusal:
        return refusal.kind.code
    return None


def test_whatever_happened_to_a_case_its_timeline_is_what_was_answered(cast: None, rounds: int) -> None:
    chosen = settings(
        max_examples=EXAMPLES_A_ROUND * rounds,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(History, settings=chosen)
