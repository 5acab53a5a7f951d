"""Run inside a deployment, by `manage.py shell`: messages whose time has come, patients to write to, and what became of both."""

import json
from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from consult import scheduled, timeline
from consult.models import BroadcastRecipient, Event, ScheduledMessage
from consult.protocol import Posted
from records.people import CareRelationship, Person, RoleGrant
from tests.cast import client_id, consultation, who


def patients(number: int) -> None:
    """So many new patients in Nurse Sun's care."""
    sun = who("sun")
    with transaction.atomic():
        made = [Person(login=f"patient-{n}", name=f"患者{n}", mrn=f"MR{n:08}") for n in range(number)]
        Person.objects.bulk_create(made)
        RoleGrant.objects.bulk_create(RoleGrant(person=person, role="patient") for person in made)
        CareRelationship.objects.bulk_create(CareRelationship(patient=p, clinician=sun, reason="follow-up") for p in made)


def messages(number: int) -> None:
    """So many messages of Dr Zhao to Wang, all due now."""
    case = consultation()
    for n in range(number):
        scheduled.schedule(who("zhao"), case.id, client_id(), str(n), timezone.now() + timedelta(minutes=5))
    ScheduledMessage.objects.update(at=timezone.now())
    print(json.dumps(str(case.id)))


def said(case: str) -> None:
    """Print the texts of the case in their order."""
    rows = Event.objects.filter(thread=case, kind="message.posted").order_by("seq")
    print(json.dumps([msgspec.json.decode(timeline.body_of(row), type=Posted).text for row in rows]))


def received() -> None:
    """Print how many recipients stand in each state, and how many notices each patient with one has: {number: patients}."""
    states = dict(BroadcastRecipient.objects.values_list("state").annotate(n=Count("id")))
    each = Event.objects.filter(kind="notice.posted").values("thread").annotate(n=Count("id")).values_list("n", flat=True)
    numbers: dict[int, int] = {}
    for number in each:
        numbers[number] = numbers.get(number, 0) + 1
    print(json.dumps([states, numbers]))


def last_line(output: str) -> Any:
    return json.loads(output.strip().splitlines()[-1])
