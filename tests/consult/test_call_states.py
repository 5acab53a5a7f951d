"""Whatever two people, their devices and their networks do: nobody is in two calls, every call ends, and ends once."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from consult import timeline
from consult.calls import acts, consent, watching
from consult.models import Call, CallRecording, CallSeat, Event
from consult.protocol import calls
from records.errors import TOO_MANY, UNAVAILABLE, Refused
from tests.cast import client_id, consultation, who

PEOPLE = st.sampled_from(("wang", "wu", "zhao"))
DEVICES = st.sampled_from(("phone-one", "phone-two"))
DEADLINES = 60_000 + 30_000


class Calls(RuleBasedStateMachine):
    """Wang and Wu, each with a case of Dr Zhao's, all with two devices whose connections come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.cases = {name: consultation(name) for name in ("wang", "wu")}
        self.lines: dict[tuple[str, str], int] = Counter()

    def line(self, person: str, device: str) -> str:
        return f"{person}-{device}-{self.lines[person, device]}"

    def mine(self, person: str) -> Any:
        """The call that this person would act on: a live one, or one that is over already."""
        seats = CallSeat.objects.filter(person=who(person)).order_by("-live", "-id")
        return seats.values_list("call", flat=True).first()

    @rule(person=PEOPLE, device=DEVICES, of=st.sampled_from(("wang", "wu")))
    def invite(self, person: str, device: str, of: str) -> None:
        case = self.cases[of].id
        self.do(acts.invite, person, calls.CallInvite("1", case, client_id(), device, ["audio"]), self.line(person, device))

    @rule(person=PEOPLE, device=DEVICES)
    def accept(self, person: str, device: str) -> None:
        self.act(acts.accept, person, lambda call: calls.CallAccept("1", call, device, ["audio"]), self.line(person, device))

    @rule(person=PEOPLE)
    def decline(self, person: str) -> None:
        self.act(acts.decline, person, lambda call: calls.CallDecline("1", call), "")

    @rule(person=PEOPLE, reason=st.sampled_from(("done", "no_connection")))
    def hang_up(self, person: str, reason: Any) -> None:
        self.act(acts.hang_up, person, lambda call: calls.CallHangup("1", call, reason))

    @rule(person=PEOPLE, device=DEVICES)
    def lose(self, person: str, device: str) -> None:
        for call in Call.objects.values_list("id", flat=True):
            watching.drop(call, self.line(person, device))
        self.lines[person, device] += 1

    @rule(person=PEOPLE, device=DEVICES)
    def resume(self, person: str, device: str) -> None:
        self.act(acts.resume, person, lambda call: calls.CallResume("1", call, device), self.line(person, device))

    @rule(person=PEOPLE, device=DEVICES)
    def ask_to_record(self, person: str, device: str) -> None:
        ask = lambda call: calls.RecordingRequest("1", call, client_id(), "1")  # noqa: E731
        self.act(consent.request, person, ask, self.line(person, device))

    @rule(seconds=st.sampled_from((5, 31, 61)))
    def wait(self, seconds: int) -> None:
        """Deadlines come nearer; every line that talks is served all the time."""
        Call.objects.update(until=F("until") - seconds * 1000)
        CallSeat.objects.filter(away_until__isnull=False).update(away_until=F("away_until") - seconds * 1000)
        watching.sweep()

    def act(self, action: Any, person: str, command: Any, *more: str) -> None:
        if (call := self.mine(person)) is not None:
            self.do(action, person, command(call), *more)

    def do(self, action: Any, person: str, *asked: Any) -> None:
        try:
            action(who(person), *asked)
        except Refused as refusal:
            if refusal.kind is UNAVAILABLE:  # nothing here happens at the same moment
                raise

    @invariant()
    def nobody_is_in_two_calls(self) -> None:
        live = CallSeat.objects.filter(live=True)
        assert all(seat.call.live for seat in live.select_related("call"))
        assert max(Counter(live.values_list("person", flat=True)).values(), default=0) <= 1
        for call in Call.objects.filter(state=Call.State.ACTIVE):
            assert live.filter(call=call, state=CallSeat.State.BOUND).count() == 2, "two talk"

    @invariant()
    def what_runs_was_agreed_to(self) -> None:
        for recording in CallRecording.objects.filter(state="on"):
            assert recording.call.state == Call.State.ACTIVE
            assert set(recording.consents.values_list("granted", flat=True)) == {True}

    def teardown(self) -> None:
        """Everybody's network goes, for good."""
        CallSeat.objects.filter(live=True).update(seen_at=0)
        watching.sweep()
        self.wait(61)
        self.wait(61)
        assert watching.live() == {}
        for case in self.cases.values():
            said = [
                msgspec.json.decode(timeline.body_of(event))
                for event in Event.objects.filter(thread=case.id, kind="call.ended")
            ]
            assert Counter(one["call"] for one in said) == Counter(str(call.id) for call in case.calls.all())
        assert not CallRecording.objects.filter(state__in=("asked", "on")).exists()


@pytest.mark.once
@pytest.mark.django_db
def test_whatever_happens_every_call_ends_and_ends_once(cast: None) -> None:
    few = settings(max_examples=12, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Calls, settings=few)


@pytest.mark.django_db
def test_wang_rings_so_often_and_not_again_and_again(cast: None) -> None:
    case, wang = consultation(), who("wang")
    for _ in range(acts.UNANSWERED_AT_MOST):
        call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "phone-one", ["audio"]), "line")
        acts.hang_up(wang, calls.CallHangup("1", call))
    with pytest.raises(Refused) as refusal:
        acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "phone-one", ["audio"]), "line")
    assert refusal.value.kind is TOO_MANY
    assert 0 < (refusal.value.retry_after or 0) <= acts.UNANSWERED_WITHIN_SECONDS
    Call.objects.update(at=F("at") - acts.UNANSWERED_WITHIN_SECONDS * 1000)
    acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "phone-one", ["audio"]), "line")


@pytest.mark.django_db
def test_a_line_that_was_taken_for_lost_while_nobody_could_say_so_is_there_again(cast: None) -> None:
    case, wang, zhao = consultation(), who("wang"), who("zhao")
    call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "phone-one", ["audio"]), "line-w")
    acts.accept(zhao, calls.CallAccept("2", call, "desk-one", ["audio"]), "line-z")
    CallSeat.objects.update(seen_at=0)
    watching.turn([], compare=True)
    assert CallSeat.objects.filter(away_until__isnull=False).count() == 2
    assert watching.turn(["line-w", "line-z", "line-of-no-call"], compare=True).keys() == {call}
    assert not CallSeat.objects.filter(away_until__isnull=False).exists()
    said = Event.objects.filter(thread=case.id, kind__startswith="call.").order_by("seq").values_list("kind", flat=True)
    assert list(said)[2:] == ["call.dropped"] * 2 + ["call.returned"] * 2


@pytest.mark.django_db
def test_a_device_that_left_is_not_said_to_be_back_by_its_process_that_had_just_counted_it(cast: None) -> None:
    case, wang, zhao = consultation(), who("wang"), who("zhao")
    call = acts.invite(wang, calls.CallInvite("1", case.id, client_id(), "phone-one", ["audio"]), "line-w")
    acts.accept(zhao, calls.CallAccept("2", call, "desk-one", ["audio"]), "line-z")
    served = ["line-w", "line-z"]
    watching.drop(call, "line-w")
    watching.seen(served)
    away = CallSeat.objects.filter(call=call, away_until__isnull=False).values_list("person", flat=True)
    assert list(away) == [wang.id]
    assert not Event.objects.filter(thread=case.id, kind="call.returned").exists()
    acts.resume(wang, calls.CallResume("3", call, "phone-one"), "line-w2")
    assert CallSeat.objects.get(call=call, person=wang).line == "line-w2"
