"""Weights come from where they should, whole, or not at all."""

import hashlib
from pathlib import Path

import pytest
from pytest_django import Settings

from transcription import weights
from transcription.failures import CannotTranscribe

PARTS = {"model.bin": [b"first half ", b"second half"], "config.json": [b"{}"]}
DIGESTS = {name: hashlib.sha256(b"".join(parts)).hexdigest() for name, parts in PARTS.items()}


@pytest.fixture(autouse=True)
def data(settings: Settings, tmp_path: Path) -> Path:
    settings.XINQIAO_DATA = tmp_path / "data"
    return tmp_path / "data"


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, list[Path]]:
    """The parts as the packages carry them."""
    made: dict[str, list[Path]] = {}
    for name, parts in PARTS.items():
        for number, part in enumerate(parts):
            path = tmp_path / f"{name}.part{number}"
            path.write_bytes(part)
            made.setdefault(name, []).append(path)
    return made


def test_the_parts_are_joined_once(sources: dict[str, list[Path]]) -> None:
    found = weights.packaged(sources, DIGESTS)
    assert (found.directory / "model.bin").read_bytes() == b"first half second half"
    assert found.digest == DIGESTS["model.bin"]
    before = (found.directory / "model.bin").stat().st_ino
    assert weights.packaged(sources, DIGESTS) == found
    assert (found.directory / "model.bin").stat().st_ino == before


@pytest.mark.parametrize("name", list(PARTS))
def test_a_package_that_is_not_the_pinned_one_is_refused_and_leaves_nothing(
    sources: dict[str, list[Path]], name: str, data: Path
) -> None:
    sources[name][0].write_bytes(b"something else")
    with pytest.raises(CannotTranscribe, match="no_model"):
        weights.packaged(sources, DIGESTS)
    assert [path for path in (data / "models").rglob("*") if path.is_file()] == []


def test_weights_changed_on_disk_are_joined_anew(sources: dict[str, list[Path]]) -> None:
    kept = weights.packaged(sources, DIGESTS).directory / "model.bin"
    kept.write_bytes(b"tampered")
    weights.packaged(sources, DIGESTS)
    assert kept.read_bytes() == b"first half second half"


def test_a_directory_of_the_hospitals_own_is_taken_as_it_is(settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "whisper-ours"
    own.mkdir()
    settings.XINQIAO_SPEECH_MODEL = str(own)
    with pytest.raises(CannotTranscribe, match="no_model"):
        weights.find()
    (own / "model.bin").write_bytes(b"ours")
    assert weights.find() == weights.Weights(own, "whisper-ours", hashlib.sha256(b"ours").hexdigest())


def test_the_declared_packages_carry_the_pinned_model(settings: Settings) -> None:
    settings.XINQIAO_SPEECH_MODEL = ""
    found = weights.find()
    assert (found.name, found.digest) == ("whisper-base", weights.DIGESTS["model.bin"])
    assert {path.name for path in found.directory.iterdir()} == set(weights.DIGESTS)
