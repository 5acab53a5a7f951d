"""For how long a call was bad: noted when it turns so and when it ceases to be, for whoever looks into it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from consult.calls.seats import locked
from consult.models.calls import Call, CallSeat
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from uuid import UUID


@transaction.atomic
def note(call: UUID, person: UUID, *, poor: bool) -> None:
    """This person hears or sees badly from now on, or does so no more. Repeating it changes nothing."""
    if locked(call) is None:
        return
    seat = CallSeat.objects.filter(call=call, person=person, live=True).first()
    if seat is None or poor == (seat.poor_since is not None):
        return
    if seat.poor_since is not None:
        Call.objects.filter(id=call).update(poor_ms=F("poor_ms") + now_ms() - seat.poor_since)
    seat.poor_since = now_ms() if poor else None
    seat.save(update_fields=["poor_since"])
