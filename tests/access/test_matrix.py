"""Every endpoint times every role and relation, with real requests. An endpoint that nobody wrote down fails."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from records import demo
from records.access import RULES
from records.api.auth import OPEN, OWN
from records.demo_charts import seed_charts
from tests.access import inventory
from tests.access.expectations import EXPECTED
from tests.access.expected import PLAIN, Expected, status_for
from tests.access.sounds import sound
from tests.access.world import DEACTIVATED, SIGNED_OUT, SUBJECTS, World, build
from tests.cast import forget_failures
from tests.consult.pictures import photo

pytestmark = pytest.mark.django_db


# The fields that go with a file.
UPLOADS = {
    "a photo": {"client_id": "access-matrix-photo"},
    "a recording": {"consent": "spoken", "language": "zh"},
    "a voice note": {"client_id": "access-matrix-note", "duration_s": "0.5", "peaks": "[0]"},
}


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One world for all endpoints: every request is undone in a savepoint of its own."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(XINQIAO_DEMO=False, XINQIAO_MEDIA=media), transaction.atomic():
        demo.seed_people()
        seed_charts()
        yield build()
        transaction.set_rollback(True)


def test_every_endpoint_is_declared_here() -> None:
    assert set(inventory.endpoints()) == set(EXPECTED)


def test_every_other_address_is_declared_here() -> None:
    assert inventory.plain() == PLAIN


def test_every_address_outside_the_urlconf_is_declared_here() -> None:
    """The socket and the poll ask `audiences.load` for each thread (`test_commands.py`, `test_polling.py`), the ticket is whoever's asks
    (`test_tickets.py`); the rest is Django."""
    assert inventory.outside() == {
        r"^ws/$",
        r"^poll/$",
        r"^api/session/socket-ticket$",
        r"^api/followups/[^/]+/recordings$",
        r"^api/consultations/[^/]+/(attachments|voice-notes)$",
        r"^api/tracks/[^/]+$",
        r"^api/exchange/calls$",
        "",
    }


def test_every_endpoint_names_its_action() -> None:
    unnamed = {endpoint for endpoint, action in inventory.endpoints().items() if action not in {*RULES, OPEN, OWN}}
    assert unnamed == set()


@pytest.mark.once  # who may do what is decided above the database
@pytest.mark.parametrize("endpoint", sorted(EXPECTED))
def test_each_person_gets_what_the_table_says(world: World, endpoint: str) -> None:
    method, template = endpoint.split(" ")
    wrong = []
    for expected in EXPECTED[endpoint]:
        for subject in sorted(SUBJECTS):
            status = _status(world, subject, method, expected.address or template, expected)
            if status != status_for(expected, subject):
                wrong.append(f"{subject}: {method} {expected.address or template} answered {status}")
    assert wrong == []


def _status(world: World, subject: str, method: str, template: str, expected: Expected) -> int:
    """Ask, and undo what was done."""
    forget_failures()
    browser = world.browsers[subject]
    cookies = browser.client.cookies.output()
    with transaction.atomic():
        answer = _ask(world, subject, method, world.path(template, subject), expected.body)
        transaction.set_rollback(True)
    browser.client.cookies.clear()
    browser.client.cookies.load(cookies.replace("Set-Cookie: ", "").replace("\r\n", "; "))
    if answer.status_code in {401, 404} and method != "HEAD":  # which has no body
        assert answer.json()["code"] in {"signed_out", "not_found", "exchange.unknown"}, "missing and forbidden sound alike"
    return int(answer.status_code)


def _ask(world: World, subject: str, method: str, path: str, body: Any) -> Any:
    browser = world.browsers[subject]
    if isinstance(body, str):
        file = photo((8, 6)) if body == "a photo" else sound()
        sent = {"file": SimpleUploadedFile("file", file), **UPLOADS[body]}
        token = browser.client.cookies["xinqiao_csrf"].value
        return browser.client.post(path, sent, headers={"X-CSRFToken": token})
    filled = None if body is None else json.loads(_fill(json.dumps(body), world))
    return browser.get(path) if method == "GET" else browser.send(method, path, filled)


def _fill(text: str, world: World) -> str:
    for name, value in world.ids.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def test_the_same_404_for_what_is_forbidden_and_for_what_is_not_there(world: World) -> None:
    nothing = "00000000-0000-4000-8000-0000000000ff"
    browser = world.browsers["other patient"]
    for template in ("/api/charts/{}", "/api/consultations/{}", "/api/recordings/{}", "/api/compliance/requests/{}"):
        forbidden = browser.get(template.format(world.ids["patient_id" if "charts" in template else "consultation_id"]))
        assert (forbidden.status_code, forbidden.content) == (404, browser.get(template.format(nothing)).content)


def test_the_subjects_are_who_they_are_said_to_be(world: World) -> None:
    assert world.browsers[SIGNED_OUT].get("/api/session").status_code == 401
    assert world.browsers[DEACTIVATED].get("/api/session").status_code == 401
    present = SUBJECTS - {SIGNED_OUT, DEACTIVATED}
    roles = {subject: world.browsers[subject].get("/api/session").json()["roles"] for subject in present}
    assert all(len(held) == 1 for held in roles.values())
    assert {held[0] for held in roles.values()} == {
        "patient",
        "doctor",
        "nurse",
        "lead",
        "officer",
        "approver",
        "admin",
        "auditor",
    }
