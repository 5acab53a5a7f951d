"""How the calls of a follow-up ended: one sealed report for each, and what is to happen next."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from django.db import models, transaction
from django.utils import timezone

from records.charts import Chart
from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, Refused
from records.ledger import chains
from records.people import Person
from records.plans import FollowUp, follow_up_to_record, plan
from records.vault import Context, data_key, open_key, seal, unseal
from records.vault.models import DataKey, Retention

if TYPE_CHECKING:
    from datetime import datetime

REPORTED: Final = "follow_up.reported"
NOTE_CHARACTERS: Final = 2000


class Outcome(models.TextChoices):
    DONE = "done"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    NEEDS_DOCTOR = "needs_doctor"
    WRONG_NUMBER = "wrong_number"


class Consent(models.TextChoices):
    """To being recorded."""

    GRANTED = "granted"
    REFUSED = "refused"
    NOT_ASKED = "not_asked"


class CallOutcome(models.Model):
    """The report of one call. `next_at`: when to call again, as decided then."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="outcomes")
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()  # of its leaf in the chart's chain
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    consent = models.CharField(max_length=16, choices=Consent.choices)
    next_at = models.DateTimeField(null=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()  # sealed JSON `Note`

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["by", "client_id"], name="call_outcome_client_once")]

    def __str__(self) -> str:
        return f"{self.follow_up_id} {self.outcome}"

    @property
    def note(self) -> str:
        """What was written about the call; empty once it was shredded."""
        if not self.body:
            return ""
        context = _context(self.chart_id, self.seq, self.by_id)
        return msgspec.json.decode(unseal(open_key(self.key_id), context, bytes(self.body)), type=Note).text


class Note(msgspec.Struct, frozen=True):
    """What is sealed."""

    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What whoever called says of it."""

    outcome: Outcome
    consent: Consent
    note: str
    next_at: datetime | None


@transaction.atomic
def report(person: Person, follow_up_id: uuid.UUID, client_id: str, said: Report) -> FollowUp:
    """Keep how a call ended. Not done: it stays in the list, due at `next_at`; done with a `next_at`: another call is planned for then.

    Repeating a `client_id` changes nothing. Raises Refused: NOT_FOUND, BAD_INPUT, CLIENT_ID_CONFLICT.
    """
    follow_up = follow_up_to_record(person, follow_up_id)
    FollowUp.objects.select_for_update().get(id=follow_up.id)
    first = CallOutcome.objects.filter(by=person, client_id=client_id).first()
    if first is not None:
        if (first.follow_up_id, first.outcome, first.consent, first.next_at, first.note) != (
            follow_up.id, said.outcome, said.consent, said.next_at, said.note,
        ):  # fmt: skip
            raise Refused(CLIENT_ID_CONFLICT)
        return follow_up
    _check(said)
    _keep(person, follow_up, client_id, said)
    follow_up.state = said.outcome
    if said.next_at is not None and said.outcome == Outcome.DONE:
        plan(person, follow_up.patient_id, follow_up.words, said.next_at, origin=follow_up.origin_id)
    elif said.next_at is not None:
        follow_up.due_at = said.next_at
    follow_up.save(update_fields=["state", "due_at"])
    return follow_up


def _check(said: Report) -> None:
    """Raises Refused(BAD_INPUT): a reason is needed where somebody else must act on it, and a next time where nobody was reached."""
    wrong = {}
    if not said.note and (said.outcome == Outcome.NEEDS_DOCTOR or said.consent == Consent.REFUSED):
        wrong["note"] = {"zh": "请写明原因。", "en": "Please say why."}
    if said.outcome == Outcome.NO_ANSWER and said.next_at is None:
        wrong["next_at"] = {"zh": "请选下次拨打的时间。", "en": "Choose when to call again."}
    if said.next_at is not None and said.next_at <= timezone.now():
        wrong["next_at"] = {"zh": "下次时间已经过去了。", "en": "That time is over already."}
    if wrong:
        raise Refused(BAD_INPUT, wrong)


def _keep(person: Person, follow_up: FollowUp, client_id: str, said: Report) -> None:
    key = data_key(follow_up.chart_id, Retention.RECORD)
    row = CallOutcome(follow_up=follow_up, chart_id=follow_up.chart_id, by=person, client_id=client_id, key_id=key.id)
    row.outcome, row.consent, row.next_at = said.outcome, said.consent, said.next_at
    ids = {"follow_up": str(follow_up.id), "report": str(row.id), "outcome": said.outcome.value, "consent": said.consent.value}
    if said.next_at is not None:
        ids["next_at"] = said.next_at.isoformat()
    with chains.extend(follow_up.chart_id) as tail:
        row.seq = tail.next_seq
        row.body = seal(key, _context(follow_up.chart_id, row.seq, person.id), msgspec.json.encode(Note(said.note)))
        tail.add(REPORTED, actor=person.id, content=row.body, ids=ids)
    row.save(force_insert=True)


def _context(chart: uuid.UUID, seq: int, author: uuid.UUID) -> Context:
    return Context(REPORTED, chart, seq, author, "", "application/json")
