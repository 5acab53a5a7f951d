"""Which recordings a person may find at all, whatever the table of access says of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from records.retention.models import RightsRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from records.people import Person
    from transcription.models import Recording

GRANTED = (RightsRequest.State.SEALED, RightsRequest.State.DONE)


def known_to(person: Person, rows: QuerySet[Recording]) -> QuerySet[Recording]:
    """What was recorded of a consultation, before its erasure was granted, is the patient's alone; compliance reads it under a grant."""
    of_case = Q(case=OuterRef("follow_up__origin")) | Q(case=OuterRef("thread"))
    erased = RightsRequest.objects.filter(of_case, state__in=GRANTED, decided_at__gte=OuterRef("created_at"))
    return rows.filter(Q(patient=person) | ~Exists(erased))
