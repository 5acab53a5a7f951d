"""Run inside a deployment, by `manage.py shell`: messages whose time has come, patients to write to, and what became of both."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from consult import timeline
from consult.conversation import scheduled
from consult.models import BroadcastRecipient, Event, ScheduledMessage
from consult.protocol import Posted
from records.people import CareRelationship, Person, RoleGrant
from tests.cast import client_id, consultation, who


def prepare(*, patients: int, messages: int) -> None:
    """So many new patients in Nurse Sun's care, and messages of Dr Zhao to Wang, all due now. Print the id of Wang's case."""
    sun = who("sun")
    with transaction.atomic():
        made = [Person(login=f"patient-{n}", name=f"患者{n}", mrn=f"MR{n:08}") for n in range(patients)]
        Person.objects.bulk_create(made)
        RoleGrant.objects.bulk_create(RoleGrant(person=person, role="patient") for person in made)
        CareRelationship.objects.bulk_create(CareRelationship(patient=p, clinician=sun, reason="follow-up") for p in made)
        case = consultation()
        for n in range(messages):
            scheduled.schedule(who("zhao"), case.id, client_id(), str(n), timezone.now() + timedelta(minutes=5))
        ScheduledMessage.objects.update(at=timezone.now())
    print(json.dumps(str(case.id)))


def prepare_and_race(workers: int, **numbers: int) -> None:
    """`prepare`, then let so many workers sweep at once, each on a connection of its own."""
    prepare(**numbers)
    together = threading.Barrier(workers)

    def sweep(_: int) -> None:
        together.wait()
        scheduled.sweep()
        connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(sweep, range(workers)))


def tell(case: str) -> None:
    """Check the ledger. Print the texts of the case, the recipients in each state, and the patients by how many notices they have."""
    call_command("verify_ledger")
    rows = Event.objects.filter(thread=UUID(case), kind="message.posted").order_by("seq")
    said = [msgspec.json.decode(timeline.body_of(row), type=Posted).text for row in rows]
    states = dict(BroadcastRecipient.objects.values_list("state").annotate(n=Count("id")))
    each = Event.objects.filter(kind="notice.posted").values("thread").annotate(n=Count("id")).values_list("n", flat=True)
    print(json.dumps([said, states, Counter(each)]))


def last_line(output: str) -> Any:
    return json.loads(output.strip().splitlines()[-1])
