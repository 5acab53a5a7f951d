"""A patient's notices: one thread of their own, made with the first of them; and whether they want what goes to many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from consult import timeline
from consult.models import Cursor, Event, NoticeChoice, NoticeThread
from consult.protocol import NoticeChosen
from records.access import require
from records.ledger.models import Chain
from records.people import Person
from records.views import BRIEF

if TYPE_CHECKING:
    from collections.abc import Collection

POSTED: Final = "notice.posted"
CHOSEN: Final = "notice.chosen"
OWN: Final = "notices.own"
NEWEST: Final = 200


class Overview(NamedTuple):
    """`thread`: None while there is nothing in it; `people`: who sent the newest notices."""

    thread: UUID | None
    unread: int
    opted_out: bool
    people: list[Person]


def threads_of(patients: Collection[UUID]) -> dict[UUID, UUID]:
    """The notices thread of each of these patients, made on first use, in the caller's transaction. Not a permission check."""
    found = _threads(patients)
    if missing := set(patients) - set(found):
        list(Person.objects.select_for_update(no_key=True).filter(id__in=missing).order_by("id"))  # two at once make one thread
        found |= _threads(missing)
        new = {patient: uuid4() for patient in missing - set(found)}
        Chain.objects.bulk_create(Chain(id=id_, kind=Chain.Kind.NOTICES) for id_ in new.values())
        NoticeThread.objects.bulk_create(NoticeThread(chain_id=id_, patient_id=patient) for patient, id_ in new.items())
        found |= new
    return found


def thread_of(patient: UUID) -> UUID:
    return threads_of([patient])[patient]


def _threads(patients: Collection[UUID]) -> dict[UUID, UUID]:
    return dict(NoticeThread.objects.filter(patient__in=patients).values_list("patient_id", "chain_id"))


def opted_out(patients: Collection[UUID]) -> set[UUID]:
    """Those of them who want no notices that go to many."""
    return set(NoticeChoice.objects.filter(patient__in=patients, opted_out=True).values_list("patient_id", flat=True))


def overview(person: Person) -> Overview:
    """A patient's own notices."""
    require(person, OWN)
    out = person.id in opted_out([person.id])
    found = NoticeThread.objects.filter(patient=person).first()
    if found is None:
        return Overview(None, 0, out, [])
    read = Cursor.objects.filter(thread=found.chain_id, person=person).values_list("read", flat=True).first() or 0
    notices = Event.objects.filter(thread=found.chain_id, kind=POSTED)
    senders = set(notices.order_by("-seq").values_list("sender", flat=True)[:NEWEST])
    people = list(Person.objects.filter(id__in=senders).prefetch_related(*BRIEF))
    return Overview(found.chain_id, notices.filter(seq__gt=read).count(), out, people)


@transaction.atomic
def choose(person: Person, *, out: bool) -> None:
    """Stop notices that go to many, or have them again. What one's own doctor writes comes as before."""
    require(person, OWN)
    thread = thread_of(person.id)
    Chain.objects.select_for_update().get(id=thread)
    if out == (person.id in opted_out([person.id])):
        return
    NoticeChoice.objects.update_or_create(patient=person, defaults={"opted_out": out, "at": timezone.now()})
    timeline.append(thread, CHOSEN, person, NoticeChosen(out))
