"""Wang's case with Dr Zhao, a directory for what is said in it, and a transcriber without a model."""

from pathlib import Path

import pytest
from pytest_django import Settings

from consult.models import Consultation
from tests.cast import consultation
from tests.transcription import sounds
from transcription import engines


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def deterministic(settings: Settings) -> None:
    """Transcribe without a model."""
    engines.ENGINES["deterministic"] = "tests.transcription.deterministic"
    settings.XINQIAO_SPEECH_ENGINE = "deterministic"


@pytest.fixture(scope="session")
def said() -> bytes:
    """What Wang says, as Chromium and Firefox record it."""
    return sounds.encoded(sounds.spoken("It was quite high this morning. I feel a little dizzy."), container="webm")


@pytest.fixture
def case(cast: None) -> Consultation:
    return consultation()
