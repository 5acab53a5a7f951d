"""Those who are no part of the cast, put into a deployment of their own: run as a process under that deployment's environment.

Prints their cookies as JSON.
"""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import django

from bench.population import signed_in
from tests.deployment import ROOT, Deployment

# Subject -> sign-in name, role
OTHERS = {
    "lead of the department": ("L1001", "lead"),
    "auditor": ("U1001", "auditor"),
    "nurse whose care has ended": ("N1009", "nurse"),
    "relative": ("13900000000", "patient"),
    "relative who may only see": ("13900000001", "patient"),
    "relative who hears calls": ("13900000004", "patient"),
    "relative whose time is over": ("13900000002", "patient"),
    "relative who was shut out": ("13900000003", "patient"),
}
CLOSED_ACCOUNT = "doctor whose account was closed"


def brought_in(deployment: Deployment) -> dict[str, str]:
    """Bring them in; returns their cookies by subject."""
    words = [sys.executable, "-m", "tests.access.others"]
    done = subprocess.run(words, env=deployment.env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cookies: dict[str, str] = json.loads(done.stdout)
    return cookies


def bring_in() -> dict[str, str]:
    from records import sessions

    people = {name: _person(name, *entry) for name, entry in OTHERS.items()}
    people[CLOSED_ACCOUNT] = _person(CLOSED_ACCOUNT, "D1008", "doctor")
    _once_cared_for(people["nurse whose care has ended"])
    _let_in(people)
    cookies = {name: signed_in(person) for name, person in people.items()}
    sessions.deactivate(people[CLOSED_ACCOUNT])
    return cookies


def _person(name: str, login: str, role: str) -> Any:
    from records.people import Department, Person, RoleGrant

    person = Person.objects.create(login=login, name=name, password="!")
    RoleGrant.objects.create(person=person, role=role)
    if role in {"lead", "nurse", "doctor"}:
        person.departments.add(Department.objects.get(code="cardiology"))
    return person


def _once_cared_for(nurse: Any) -> None:
    from django.utils import timezone

    from records import care
    from records.demo import demo_id
    from records.people import CareRelationship

    care.join(demo_id("wang"), nurse.id, "follow-up")
    CareRelationship.objects.filter(clinician=nurse).update(until=timezone.now() - timedelta(minutes=1))


def _let_in(people: dict[str, Any]) -> None:
    """As Wang did: one may ask too, one only see, one only hear calls, the days of one are over, and one she shut out."""
    from django.utils import timezone

    from records import family
    from records.demo import demo_id
    from records.people import Person
    from records.relatives import FamilyAccess

    wang, given = Person.objects.get(id=demo_id("wang")), {}
    for name, messages in {
        "relative": "ask", "relative who may only see": "see", "relative who hears calls": "none",
        "relative whose time is over": "ask", "relative who was shut out": "ask",
    }.items():  # fmt: skip
        scopes = family.Scopes(messages, calls=messages == "none")
        given[name] = family.let_in(wang, phone=people[name].login, name=people[name].name, scopes=scopes, days=1).id
    over = FamilyAccess.objects.filter(id=given["relative whose time is over"])
    over.update(until=timezone.now() - timedelta(minutes=1))
    family.shut_out(wang, given["relative who was shut out"])


if __name__ == "__main__":
    django.setup()
    json.dump(bring_in(), sys.stdout)
