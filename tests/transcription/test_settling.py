"""Captures that are settled while something still comes in, or while there are more of them than one sweep looks at."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.cast import who
from tests.transcription import sounds, takes
from transcription.models import Capture, Recording, Track
from transcription.segments import SealedReader, sealed
from transcription.tracks import captures, settling, worker
from transcription.tracks.fresh import Fresh
from transcription.tracks.taking import Sent

SECONDS = 4
Committed = Callable[..., AbstractContextManager[object]]


@pytest.mark.parametrize("part", [0, 0.5], ids=["nothing had come", "half had come"])
def test_what_comes_while_a_side_that_was_given_up_is_settled_is_kept_and_the_rest_waited_for(
    cast: None, monkeypatch: pytest.MonkeyPatch, part: float
) -> None:
    running, data = takes.capture(), takes.webm(sounds.tone(SECONDS))
    wang, first = takes.opened(running, "wang", SECONDS), int(len(data) * part)
    takes.send(wang, data[:first], Sent(0, 1_000))
    takes.send_all(takes.opened(running, "zhao", SECONDS), data, SECONDS)
    takes.long_ago(takes.over(running))
    assert captures.sweep() == 1
    copied = settling._copied

    def interrupted(track: Track, fresh: Fresh) -> list[str]:
        found = copied(track, fresh)
        if track == wang:
            takes.send(Track.objects.get(id=wang.id), data[first : first + 1000], Sent(first, 2_000))
        return found

    holder = uuid4()
    assert captures.claim(running.id, holder)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(settling, "_copied", interrupted)
        worker.main(running.id, holder)
    running.refresh_from_db()
    assert (running.state, running.holder, running.lease_until) == (Capture.State.WAITING, None, None)
    assert captures.sweep() == 0, "Wang's phone is there again: it is waited for"
    wang.refresh_from_db()
    takes.send(wang, data[wang.size :], Sent(wang.size, SECONDS * 1000, len(data)))
    assert takes.settled(running).state == Capture.State.DONE
    kept = Recording.objects.get(origin="track", uploaded_by=who("wang"))
    assert (SealedReader(sealed(kept)).readall(), kept.warnings) == (data, [])


@pytest.mark.parametrize(("by_server", "sent"), [(True, 1), (False, 0)], ids=["a room", "a call"])
def test_who_could_never_be_recorded_is_waited_for_no_longer_than_it_makes_sense(
    cast: None, by_server: bool, sent: int
) -> None:
    """A phone may come back for an hour; the server itself has what it heard, or never will."""
    running, data = takes.capture(), takes.webm(sounds.tone(SECONDS))
    takes.send_all(takes.opened(running, "zhao", SECONDS, by_server=by_server), data, SECONDS)
    takes.over(running)
    assert captures.sweep() == 0
    takes.long_ago(running, 301_000)
    assert captures.sweep() == sent


def test_a_device_that_comes_while_the_others_are_joined_is_waited_for_too(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    running, data = takes.capture(), takes.webm(sounds.tone(SECONDS))
    for key in ("wang", "zhao"):
        takes.send_all(takes.opened(running, key, SECONDS), data, SECONDS)
    takes.over(running)
    assert captures.sweep() == 1
    joined, late = settling._join, list[Track]()

    def meanwhile(*given: Any) -> None:
        late.append(takes.opened(running, "wang", 30))
        joined(*given)

    holder = uuid4()
    assert captures.claim(running.id, holder)
    with monkeypatch.context() as patched:
        patched.setattr(settling, "_join", meanwhile)
        worker.main(running.id, holder)
    running.refresh_from_db()
    assert (running.state, running.recording, captures.sweep()) == (Capture.State.WAITING, None, 0)
    takes.send_all(late[0], data, SECONDS)
    assert takes.settled(running).state == Capture.State.DONE
    assert Recording.objects.filter(origin="track", uploaded_by=who("wang")).count() == 2


def test_a_capture_that_is_complete_waits_behind_no_other_and_its_worker_is_told_once_a_minute(
    cast: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Committed
) -> None:
    monkeypatch.setattr(captures, "SWEPT_AT_ONCE", 1)
    one_sided, whole, last = (takes.capture() for _ in range(3))
    for capture, keys in ((one_sided, ["zhao"]), (whole, ["zhao", "wang"]), (last, ["zhao"])):
        for key in keys:
            takes.send_all(takes.opened(capture, key, 10), bytes(100), 1)
        takes.over(capture)
    assert [captures.sweep(), captures.sweep()] == [1, 0], "its message waits"
    Capture.objects.update(sent_at=timezone.now() - timedelta(seconds=61))
    assert [captures.sweep(), captures.sweep()] == [1, 0], "its message was lost"
    holder = uuid4()
    assert captures.claim(whole.id, holder)
    Capture.objects.update(sent_at=None)
    assert captures.sweep() == 0, "somebody has it"
    captures.release(whole.id, holder)
    assert [captures.sweep(), captures.sweep()] == [1, 0], "who had it died"
    with django_capture_on_commit_callbacks(execute=True):
        takes.send_all(takes.opened(last, "wang", 10), bytes(100), 1)
    assert captures.sweep() == 0, "the end of its last track has sent it"
    states = [Capture.objects.get(id=one.id).state for one in (one_sided, whole, last)]
    assert states == [Capture.State.WAITING, Capture.State.JOINING, Capture.State.JOINING]
