"""Puts people, sessions and consultations into a deployment's database: run as a process under that deployment's environment.

Prints one `Population` as JSON. The talking pairs go through the real actions; the idle patients are written in bulk, because a
thousand sign-ins would take longer than what is measured.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import django
import msgspec

from bench.run import Pair


class Idler(msgspec.Struct):
    """A patient who only looks: her cookie and the consultation that her socket follows."""

    cookie: str
    consultation: str


class Population(msgspec.Struct):
    pairs: list[Pair]
    idlers: list[Idler]
    durability: dict[str, str]  # what the database says about its own settings
    spare: list[Pair] = []  # further pairs, who keep silent during the rounds


def populate(pairs: int, idlers: int, spare: int) -> Population:
    """Make `pairs` and `spare` consultations of two signed-in people, and `idlers` waiting patients."""
    from django.db import transaction  # noqa: PLC0415 (after setup)

    from records.people import Department  # noqa: PLC0415

    department, _ = Department.objects.get_or_create(code="bench", defaults={"name_zh": "压测", "name_en": "Bench"})
    with transaction.atomic():
        made = [_pair(number, department) for number in range(pairs + spare)]
        waiting = _idlers(idlers, department)
    return Population(made[:pairs], waiting, durability(), made[pairs:])


def _pair(number: int, department: Any) -> Pair:
    from consult import consultations  # noqa: PLC0415
    from consult.protocol import ConsultationOpen  # noqa: PLC0415
    from records.people import Credential, Person, Role, RoleGrant  # noqa: PLC0415

    patient = Person.objects.create(login=f"bench-patient-{number}", name=f"病人{number}", password="!")
    doctor = Person.objects.create(login=f"bench-doctor-{number}", name=f"医生{number}", password="!")
    RoleGrant.objects.create(person=patient, role=Role.PATIENT)
    RoleGrant.objects.create(person=doctor, role=Role.DOCTOR)
    doctor.departments.add(department)
    ends = django.utils.timezone.localdate() + timedelta(days=365)
    Credential.objects.create(person=doctor, number=f"bench-{number}", scope="bench", expires_on=ends)
    intake = ConsultationOpen(
        "bench", f"bench-open-{number:06}", "头晕三天", "days", ["consultation", "privacy"], [], department.id
    )
    consultation, _ = consultations.open_consultation(patient, intake)
    consultations.claim(doctor, consultation.id)
    return Pair(str(consultation.id), signed_in(patient), signed_in(doctor))


def _idlers(count: int, department: Any) -> list[Idler]:
    from consult.models import Consultation  # noqa: PLC0415
    from records.ledger.models import Chain  # noqa: PLC0415
    from records.people import Person, Role, RoleGrant  # noqa: PLC0415

    people = Person.objects.bulk_create(
        Person(login=f"bench-idler-{number}", name=f"候诊{number}", password="!") for number in range(count)
    )
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role=Role.PATIENT) for person in people)
    chains = Chain.objects.bulk_create(Chain(kind=Chain.Kind.CONSULTATION) for _ in people)
    Consultation.objects.bulk_create(
        Consultation(chain=chain, patient=person, department=department, client_id="bench-idle")
        for chain, person in zip(chains, people, strict=True)
    )
    return [Idler(signed_in(person), str(chain.id)) for chain, person in zip(chains, people, strict=True)]


def signed_in(person: Any) -> str:
    """The cookie of a new session, as sign-in makes it."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from records.identity import fresh  # noqa: PLC0415

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    fresh.begin(session, person, shown=True)
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def durability() -> dict[str, str]:
    """Ask the database, through the product's own connection, whether a commit is on disk when it returns. AssertionError if not."""
    from django.db import connection  # noqa: PLC0415

    sqlite = connection.vendor == "sqlite"
    wanted = (
        {"journal_mode": "wal", "synchronous": "2"}
        if sqlite
        else {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    )
    found = {}
    with connection.cursor() as cursor:
        for name in wanted:
            cursor.execute(f"PRAGMA {name}" if sqlite else f"SHOW {name}")
            found[name] = str(cursor.fetchone()[0])
    assert found == wanted, f"commits are not durable: {found}"
    return found


if __name__ == "__main__":
    django.setup()
    sys.stdout.buffer.write(msgspec.json.encode(populate(*(int(word) for word in sys.argv[1:]))))
