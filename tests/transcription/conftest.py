"""The cast, Wang's follow-up, and recordings of the call that Nurse Sun makes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from records.plans import FollowUp, Title, plan
from tests.cast import Browser, browser_of, cast, id_of, who
from tests.transcription import sounds
from transcription import engines, exchanges, jobs, work
from transcription.exchanges import Credentials
from transcription.models import Recording

__all__ = ["browser_of", "cast"]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """Recordings of this test alone."""
    settings.XINQIAO_MEDIA = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def deterministic(settings: Settings) -> None:
    """Transcribe without a model."""
    engines.ENGINES["deterministic"] = "tests.transcription.deterministic"
    settings.XINQIAO_SPEECH_ENGINE = "deterministic"


@pytest.fixture
def follow_up(cast: None) -> FollowUp:
    """The call that Nurse Sun is to make to Wang."""
    return plan(who("sun"), id_of("wang"), Title("电话随访", "Follow-up call"), timezone.now() + timedelta(days=1))


@pytest.fixture(scope="session")
def call() -> bytes:
    """Nurse Sun on the left channel, Wang on the right, eleven seconds."""
    sun = sounds.spoken("Good morning. How is your blood pressure today?")
    wang = sounds.spoken("It was quite high this morning. I feel a little dizzy.")
    left = sounds.in_turn(sun, sounds.silence(len(wang) / sounds.RATE + 0.6))
    right = sounds.in_turn(sounds.silence(len(sun) / sounds.RATE + 0.6), wang)
    return sounds.encoded(left, right)


Upload = Callable[..., Any]


@pytest.fixture
def upload(browser_of: Callable[[str], Browser], follow_up: FollowUp) -> Upload:
    """Return a function that posts a file as a browser's form does, Nurse Sun's unless told otherwise."""
    browsers: dict[str, Browser] = {}

    def post(data: bytes, name: str = "call.wav", by: str = "sun", to: UUID | None = None, **fields: str) -> Any:
        browser = browsers.setdefault(by, browser_of(by))
        form = {"consent": "spoken", "language": "auto", **fields, "file": SimpleUploadedFile(name, data)}
        token = browser.client.cookies["xinqiao_csrf"].value
        path = f"/api/followups/{to or follow_up.id}/recordings"
        return browser.client.post(path, form, headers={"X-CSRFToken": token})

    return post


@pytest.fixture
def recording_of(upload: Upload) -> Callable[..., Recording]:
    """Return a function: upload these bytes as Nurse Sun, and return the row."""

    def made(data: bytes, **fields: str) -> Recording:
        answer = upload(data, **fields)
        assert answer.status_code == 201, answer.content
        return Recording.objects.get(id=answer.json()["id"])

    return made


def transcribed(recording: Recording) -> Recording:
    """Do the recording's job here and now, as a worker would."""
    holder = uuid4()
    assert jobs.claim(recording.id, holder)
    work.run(recording.id, holder)
    recording.refresh_from_db()
    return recording


@pytest.fixture
def given(db: None) -> Credentials:
    """What an exchange was given to sign with."""
    return exchanges.add("ward-pbx")
