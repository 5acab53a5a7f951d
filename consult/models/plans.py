"""Times for calls, as they are kept. What was said of them stands in the timeline; this row says what holds now."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models

from records.people import Person


class CallPlan(models.Model):
    """Times that one side proposed, and the one that the other side took. At most one of a case is open. Times: ms since epoch."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        AGREED = "agreed"
        OVER = "over"  # taken back, replaced, come to nothing, or they talked

    consultation = models.ForeignKey("consult.Consultation", on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()  # of the proposal in the case's timeline
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    from_doctor = models.BooleanField()
    media = models.JSONField(default=list)
    slots = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    at = models.BigIntegerField(null=True)  # the one that was taken
    reminded = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consultation", "seq"], name="call_plan_once"),
            models.UniqueConstraint(
                fields=["consultation"], condition=models.Q(state__in=("proposed", "agreed")), name="one_open_plan_a_case"
            ),
            models.CheckConstraint(condition=~models.Q(state="agreed") | models.Q(at__isnull=False), name="agreed_on_a_time"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], condition=models.Q(state="agreed"), name="call_plan_due")]

    def __str__(self) -> str:
        return f"{self.consultation_id}#{self.seq} {self.state}"


OPEN: Final = (CallPlan.State.PROPOSED, CallPlan.State.AGREED)
