"""A key service that does not answer, and a backup that brings back what was withdrawn."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from records.errors import Refused
from records.retention import replaying, tombstones
from records.vault import KeyringError, KeyShredded, keys, open_key
from tests.transcription import takes
from tests.transcription.away import keyring_away
from tests.transcription.conftest import transcribed
from transcription import jobs, work
from transcription.models import Capture, Piece, Recording

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("deterministic")]


@pytest.fixture
def recording(recording_of: Callable[..., Recording], call: bytes) -> Recording:
    return recording_of(call)


def test_a_keyring_that_is_away_for_a_moment_costs_a_moment(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker begins with no key at hand."""
    monkeypatch.setattr(work, "WAIT_SECONDS", [0, 0])
    keyring_away(monkeypatch, 2)
    assert transcribed(recording).failure == ""


def test_one_that_stays_away_is_no_damage_and_the_job_is_taken_up_again(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "WAIT_SECONDS", [0])
    keyring_away(monkeypatch, 2)
    holder = uuid4()
    assert jobs.claim(recording.id, holder)
    with pytest.raises(KeyringError):
        work.run(recording.id, holder)
    jobs.release(recording.id, holder)
    assert transcribed(recording).failure == ""


def test_a_backup_of_the_minutes_before_does_not_bring_back_what_was_withdrawn(
    cast: None, media: Path, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    """The database of a moment before it, and the file of a moment after it: what a restore of the database leaves."""
    running = takes.capture()
    track = takes.send(takes.opened(running, "wang", 10), bytes(9_000))
    with transaction.atomic():
        with pytest.raises(Refused, match="withdrawn"):
            takes.send(track, bytes(100), ask=takes.window(running, kept=False))
        transaction.set_rollback(True)
    tombstones.remember([tombstones.withdrawn(track.key_id, track.key.scope)])
    assert Piece.objects.filter(track=track).exists(), "the backup has it all"
    with django_capture_on_commit_callbacks(execute=True):
        assert replaying.replay() == 1
    keys.cache.clear()
    with pytest.raises(KeyShredded):
        open_key(track.key_id)
    assert not Piece.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]
    running.refresh_from_db()
    assert running.state == Capture.State.DROPPED
    with pytest.raises(Refused, match="withdrawn"):
        takes.opened(running, "wang", 0)
    assert replaying.replay() == 0
