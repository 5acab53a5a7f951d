"""The demo hospital: seeded through the real actions, whole, and the same however often it is seeded."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from consult.models import Consultation, Event
from records import demo
from records.charts import ChartEntry
from records.ledger.audit import check_chain
from records.ledger.models import Chain, Leaf
from records.people import CareRelationship, Credential, Department, Person
from records.plans import FollowUp

MODELS = (Person, Department, CareRelationship, Credential, ChartEntry, Consultation, Event, FollowUp, Leaf, Chain)


def seed() -> None:
    call_command("seed_demo", stdout=StringIO())


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


@pytest.fixture
def demo_on(settings: Settings) -> None:
    settings.XINQIAO_DEMO = True


def test_without_the_demo_setting_nothing_is_seeded(db: None, settings: Settings) -> None:
    settings.XINQIAO_DEMO = False
    with pytest.raises(CommandError, match="XINQIAO_DEMO"):
        seed()
    assert Person.objects.count() == 0


def test_seeding_twice_changes_nothing(db: None, demo_on: None) -> None:
    seed()
    first = counts()
    assert first["Person"] == len(demo.CAST) == 11
    assert all(first.values())
    seed()
    assert counts() == first


def test_what_was_changed_since_stays_changed(db: None, demo_on: None) -> None:
    seed()
    Person.objects.filter(id=demo.demo_id("wang")).update(language="en")
    CareRelationship.objects.filter(clinician_id=demo.demo_id("sun")).update(until="2026-01-01T00:00:00Z")
    seed()
    assert Person.objects.get(id=demo.demo_id("wang")).language == "en"
    assert not CareRelationship.objects.filter(clinician_id=demo.demo_id("sun"), until=None).exists()


def test_everything_seeded_is_sealed_and_in_the_ledger(db: None, demo_on: None) -> None:
    seed()
    assert {finding.code for chain in Chain.objects.all() for finding in check_chain(chain.id).findings} == set()
    stored = b"".join(bytes(row.body) for model in (ChartEntry, Event) for row in model.objects.all())
    assert "青霉素".encode() not in stored
    assert "降压药".encode() not in stored


def test_wangs_call_is_due_with_nurse_sun_after_the_closed_consultation(db: None, demo_on: None) -> None:
    seed()
    call = FollowUp.objects.get()
    assert (call.patient_id, call.assigned_to_id, call.state) == (demo.demo_id("wang"), demo.demo_id("sun"), "due")
    visit = Consultation.objects.get()
    assert (call.origin_id, visit.state, visit.assignee_id) == (visit.id, "closed", demo.demo_id("zhao"))
