"""The fixed cast in a database of the test's own, and the browsers they use: Django's client with cookies and CSRF checks on."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from consult import consultations, timeline
from consult.models import Consultation
from consult.protocol import ConsultationClose, ConsultationOpen, Posted
from records import demo
from records.demo_charts import seed_charts
from records.identity import totp
from records.people import Person

numbers = itertools.count()
COMPLIANCE = {"zhou", "he"}  # approve and export, which asks for a factor shown lately


def client_id() -> str:
    return f"client-id-{next(numbers):06}"


def who(key: str) -> Person:
    """One of the cast, as the database has them now."""
    return Person.objects.get(id=demo.demo_id(key))


@dataclass
class App:
    """What somebody keeps besides the password."""

    secret: str
    recovery_codes: list[str]


APPS: dict[str, App] = {}  # by login; those of a test before are as good as lost


class Browser:
    """One person's browser: keeps cookies, sends the CSRF token, speaks JSON."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", raise_request_exception=False)
        self.get("/api/session")

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        token = self.client.cookies["xinqiao_csrf"].value
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method.lower())(path, headers={"X-CSRFToken": token}, **sent)

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("post", path, body)

    def sign_in(self, login: str, password: str = demo.PASSWORD) -> Any:
        """With the password, and for whoever set up an app in this test with one of the recovery codes."""
        answer = self.post("/api/session", {"login": login, "password": password})
        if answer.status_code == 202 and login in APPS:
            return self.post("/api/session/factor", {"code": APPS[login].recovery_codes.pop()})
        return answer

    def set_up_app(self, login: str) -> App:
        """Set up an authenticator app, which shows it: from now on this session is fresh for ten minutes."""
        secret = self.post("/api/me/factors/totp").json()["secret"]
        answer = self.send("put", "/api/me/factors/totp", {"code": code_now(secret)})
        assert answer.status_code == 200, answer.content
        APPS[login] = App(secret, answer.json()["recovery_codes"] or [])
        return APPS[login]


def code_now(secret: str, steps: int = 0) -> str:
    """What the app shows now, or shows `steps` half minutes later."""
    return totp.code_at(secret, int(time.time()) // totp.PERIOD_SECONDS + steps)


def forget_failures() -> None:
    """No sign-in has failed yet. Another prefix instead of `clear`, which would empty the Redis of the tests beside this one."""
    prefix = settings.CACHES["default"]["KEY_PREFIX"] = uuid4().hex
    for store in caches.all(initialized_only=True):
        store.key_prefix = prefix


@pytest.fixture
def cast(db: None) -> None:
    """The demo's departments, people and care relationships; no consultation, and nothing in any chart."""
    forget_failures()
    APPS.clear()  # the phones of the test before
    with transaction.atomic():
        demo.seed_people()


@pytest.fixture
def charts(cast: None) -> None:
    """What the demo's clinicians entered about its patients. Apart from `cast`: it takes longer than most tests."""
    with transaction.atomic():
        seed_charts()


@pytest.fixture
def browser_of(cast: None) -> Callable[[str], Browser]:
    """Return a function: key of the cast -> a browser signed in as that person, with the password."""
    logins = {member.key: member.login for member in demo.CAST}

    def open_browser(key: str) -> Browser:
        browser = Browser()
        answer = browser.sign_in(logins[key])
        assert answer.status_code == 200, answer.content
        if key in COMPLIANCE and not browser.get("/api/me/factors").json():
            browser.set_up_app(logins[key])
        return browser

    return open_browser


@pytest.fixture
def demo_on(settings: Settings) -> None:
    settings.XINQIAO_DEMO = True


def consultation(
    patient: str = "wang",
    doctor: str | None = "zhao",
    department: str = "cardiology",
    said: tuple[tuple[str, str], ...] = (),
    summary: str | None = None,
) -> Consultation:
    """A consultation made through the real actions: opened, claimed unless `doctor` is None, talked, closed with a summary."""
    intake = ConsultationOpen(
        "test", client_id(), "早上头晕", "days", ["consultation", "privacy"], department=demo.demo_id(department)
    )
    case, _ = consultations.open_consultation(who(patient), intake)
    if doctor:
        consultations.claim(who(doctor), case.id)
    case.refresh_from_db()
    for key, text in said:
        with transaction.atomic():
            timeline.append(case.id, "message.posted", who(key), Posted(text), client_id())
    if doctor and summary:
        consultations.close(who(doctor), ConsultationClose("test", case.id, client_id(), summary))
        case.refresh_from_db()
    return case


def code_of(answer: Any) -> str:
    """The code of an error answer, which must be bilingual."""
    body = answer.json()
    assert body["message"]["zh"], body
    assert body["message"]["en"], body
    return str(body["code"])


def id_of(key: str) -> UUID:
    return demo.demo_id(key)


def of_today() -> dict[str, str]:
    """The days of what happens now. Asked when they are used: a run may go over midnight."""
    today = timezone.localdate().isoformat()
    return {"since": today, "until": today}


def flipped(data: bytes, place: int = -1, bit: int = 1) -> bytes:
    """The same bytes with a bit (the lowest) of one of them turned over: never the same bytes."""
    changed = bytearray(data)
    changed[place] ^= bit
    return bytes(changed)


def lift_guard(table: str) -> None:
    """Do what the owner of a database can: drop what makes a table append-only, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"DROP TRIGGER append_only_{table} ON {table}")
            cursor.execute(f"DROP TRIGGER IF EXISTS append_only_{table}_update ON {table}")
            return
        for act in ("update", "delete", "replace"):
            cursor.execute(f"DROP TRIGGER append_only_{table}_{act}")
