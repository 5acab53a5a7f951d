"""Rows of access grants: the request, its terms, the decision, and what the two people wrote to each other about it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone

from records.access import Relation
from records.grants.terms import NOW
from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


class AccessGrant(models.Model):
    """A request to read one consultation, and the decision on it. Its primary key is its own ledger chain.

    A request over several consultations is one grant for each, bound by `request`. `content`, `since`, `until`, `hours` and `tell` are
    the terms as they hold now: as asked, until an approver narrows them. `asked` is what the requester signed for, word by word.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RETURNED = "returned"
        APPROVED = "approved"
        REJECTED = "rejected"
        REVOKED = "revoked"

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="grant")
    case = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="grants")
    request = models.UUIDField(db_index=True)  # the id of its first grant
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="access_requests")
    approver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="access_decisions")
    # Of a sensitive department: two people agree, one after the other. `first_approver` agreed to the terms in `agreed`.
    approvers = models.PositiveSmallIntegerField(default=1)
    first_approver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="access_agreements")
    first_decision = models.BinaryField(null=True)  # sealed: why
    first_decided_at = models.DateTimeField(null=True)
    agreed = models.JSONField(null=True)
    asked = models.JSONField()
    content = models.JSONField()  # a subset of terms.CONTENT, sorted
    since = models.DateField(null=True)  # days of the hospital's time zone, both included; None: without bound
    until = models.DateField(null=True)
    tell = models.CharField(max_length=16, default=NOW)  # when the patient sees the readings: now, or why later
    purpose = models.CharField(max_length=16)
    case_number = models.CharField(max_length=64, blank=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    reason = models.BinaryField()  # sealed: people write health words here
    decision = models.BinaryField(null=True)  # sealed: why it was approved or rejected
    revocation = models.BinaryField(null=True)  # sealed: why it was revoked
    hours = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    # Broken glass: approved by nobody, for an hour at most, and to be reviewed by a second person.
    urgent = models.BooleanField(default=False)
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="access_reviews")
    finding = models.CharField(max_length=16, blank=True)
    review = models.BinaryField(null=True)  # sealed
    reviewed_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Two distinct people, whatever the code above says.
            models.CheckConstraint(
                condition=models.Q(approver__isnull=True) | ~models.Q(approver=models.F("requester")),
                name="approver_is_not_requester",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True) | ~models.Q(reviewer=models.F("requester")),
                name="reviewer_is_not_requester",
            ),
            models.CheckConstraint(
                condition=models.Q(first_approver__isnull=True) | ~models.Q(first_approver=models.F("requester")),
                name="first_approver_is_not_requester",
            ),
            # Whoever agreed first may still reject, and never agrees twice.
            models.CheckConstraint(
                condition=models.Q(first_approver__isnull=True)
                | models.Q(approver__isnull=True)
                | models.Q(state="rejected")
                | ~models.Q(first_approver=models.F("approver")),
                name="approvers_are_two",
            ),
            models.CheckConstraint(
                condition=models.Q(approvers=1)
                | models.Q(first_approver__isnull=False)
                | ~models.Q(state__in=["approved", "revoked"]),
                name="two_agreed_where_two_must",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.state}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    @property
    def in_force(self) -> bool:
        return self.state == self.State.APPROVED and self.expires_at is not None and timezone.now() < self.expires_at

    @property
    def shown_state(self) -> str:
        """The state as people see it: an approved grant whose time is over is `expired`."""
        return "expired" if self.state == self.State.APPROVED and not self.in_force else self.state

    def covers(self, at: datetime) -> bool:
        """Whether what was said or recorded at this moment is within the days of the grant."""
        return (self.since is None or _midnight(self.since) <= at) and (
            self.until is None or at < _midnight(self.until + timedelta(days=1))
        )

    def relations_of(self, person: Person) -> frozenset[Relation]:
        if person.id != self.requester_id:
            return frozenset({Relation.OTHER})
        if not self.in_force:
            return frozenset({Relation.REQUESTER})
        return frozenset({Relation.REQUESTER, Relation.URGENT if self.urgent else Relation.GRANTED})


class GrantNote(models.Model):
    """What requester and approver wrote to each other about a request: its leaf `seq` stands in the grant's chain. Sealed."""

    class Kind(models.TextChoices):
        RETURNED = "returned"
        ANSWERED = "answered"
        COMMENTED = "commented"

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="notes")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["grant", "seq"], name="grant_note_once")]

    def __str__(self) -> str:
        return f"{self.grant_id}#{self.seq} {self.kind}"


class ReadingNote(models.Model):
    """What the reader of a case typed or marked while reading it: its leaf `seq` stands in the grant's chain. Sealed, and that reader's
    alone, while the grant is in force. It changes nothing of the case.
    """

    class Kind(models.TextChoices):
        SEARCHED = "searched"  # the words that were looked for
        NOTED = "noted"
        BOOKMARKED = "bookmarked"

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="reading_notes")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.DateTimeField()
    thread = models.UUIDField(null=True)  # the act of the case that it is about: its thread, and its place there
    of = models.BigIntegerField(null=True)
    body = models.BinaryField()
    removed = models.BigIntegerField(null=True)  # the leaf by which it was taken away again

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["grant", "seq"], name="reading_note_once")]

    def __str__(self) -> str:
        return f"{self.grant_id}#{self.seq} {self.kind}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
