"""Which cases hold a call that this person has missed and not seen yet: for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from consult.models import Call, Cursor, Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from records.people import Person

State = Call.State
UNANSWERED: Final = (State.MISSED, State.BUSY, State.CANCELLED)


def missed(person: Person, ids: Sequence[UUID]) -> set[UUID]:
    """Cases whose last call somebody else made, nobody answered, and this person has not read of."""
    last = Call.objects.filter(consultation=OuterRef("consultation"), room=False).order_by("-at").values("id")[:1]
    mine = Cursor.objects.filter(person=person, thread=OuterRef("thread")).values("read")[:1]
    ends = Event.objects.filter(thread=OuterRef("consultation"), kind="call.ended", seq__gt=Coalesce(Subquery(mine), 0))
    unanswered = Call.objects.filter(consultation__in=ids, id=Subquery(last), state__in=UNANSWERED).exclude(caller=person)
    return set(unanswered.filter(Exists(ends)).values_list("consultation", flat=True))
