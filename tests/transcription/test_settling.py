"""Captures that are settled while something still comes in, or while there are more of them than one sweep looks at."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from records.ledger.audit import check_chain
from records.vault.models import DataKey
from tests.cast import who
from tests.transcription import sounds, takes
from tests.transcription.away import keyring_away
from transcription import erasing
from transcription.audio import Audio
from transcription.models import Capture, Piece, Recording, Track
from transcription.segments import Sealed, SealedReader, sealed
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

    def interrupted(capture: Capture, track: Track, fresh: Fresh) -> list[str]:
        found = copied(capture, track, fresh)
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


def talked(seconds_ago: float = 30.0) -> Capture:
    """Dr Zhao and Wang have both sent all of their four seconds, Dr Zhao's begun first."""
    running, data = takes.capture(), takes.webm(sounds.tone(SECONDS))
    for key, age in (("zhao", seconds_ago), ("wang", seconds_ago - 1)):
        takes.send_all(takes.opened(running, key, age), data, SECONDS)
    return takes.over(running)


def attempted(capture: Capture) -> Capture:
    """One worker, as a message that came sends it: it ends, or dies and is followed."""
    holder = uuid4()
    Capture.objects.filter(id=capture.id).update(sent_at=None)
    captures.sweep()
    assert captures.claim(capture.id, holder)
    try:
        worker.main(capture.id, holder)
    except MemoryError:
        captures.release(capture.id, holder)
    capture.refresh_from_db()
    return capture


def side(key: str) -> Recording:
    return Recording.objects.get(origin="track", uploaded_by=who(key))


def test_a_track_at_which_every_worker_dies_is_kept_unheard_and_the_other_side_is_joined(
    cast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in no recording no erasure reaches, and nobody can hear."""
    talk, decoded = talked(), settling._decoded

    def dies(source: Sealed) -> Audio | None:
        if Track.objects.filter(person=who("zhao"), state=Track.State.ENDED).exists():
            raise MemoryError
        return decoded(source)

    monkeypatch.setattr(settling, "_decoded", dies)
    assert [attempted(talk).state for _ in range(3)] == [Capture.State.JOINING, Capture.State.JOINING, Capture.State.DONE]
    assert (side("zhao").warnings, side("wang").warnings) == (["track.not_heard", "track.incomplete"], [])
    assert not Piece.objects.exists()
    assert {row.key_id for row in (side("zhao"), side("wang"))} == set(talk.tracks.values_list("key_id", flat=True))


def test_what_was_given_up_with_tracks_in_no_recording_is_taken_up_once_more(cast: None) -> None:
    talk = talked()
    Capture.objects.update(state=Capture.State.FAILED, attempt=captures.ATTEMPTS)
    assert captures.unsealed() == 1
    assert attempted(talk).state == Capture.State.DONE
    assert captures.unsealed() == 0
    assert side("wang").warnings == []


def test_a_call_was_made_when_it_was_made_and_not_when_its_tracks_were_joined(cast: None) -> None:
    """A grant for yesterday reaches yesterday's call that was joined today, and one for today does not."""
    talk = talked()
    takes.long_ago(talk)
    began = {track.person_id: track.started_at for track in talk.tracks.all()}
    takes.settled(talk)
    said = {row.origin: row.created_at for row in Recording.objects.exclude(uploaded_by=who("wang"))}
    first = datetime.fromtimestamp(began[who("zhao").id] / 1000, UTC)
    assert said == {"track": first, "talk": first}
    assert side("wang").created_at == datetime.fromtimestamp(began[who("wang").id] / 1000, UTC)


def test_a_disk_or_a_keyring_that_is_away_damages_nothing_and_counts_as_no_attempt(
    cast: None, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = talked()
    piece = Piece.objects.filter(track__person=who("wang"), offset__gt=0)[0]
    (media / piece.path).rename(media / "kept")
    (media / piece.path).mkdir()  # what reads it gets an OSError, and not that there is no file
    assert (attempted(talk).state, talk.attempt, talk.holder) == (Capture.State.JOINING, 0, None)
    (media / piece.path).rmdir()
    (media / "kept").rename(media / piece.path)
    keyring_away(monkeypatch, 1)
    assert (attempted(talk).state, talk.attempt, talk.holder) == (Capture.State.JOINING, 0, None)
    assert attempted(talk).state == Capture.State.DONE
    assert [side(key).warnings for key in ("zhao", "wang")] == [[], []]


@pytest.mark.parametrize("which", [0, 1], ids=["the first", "one in the middle"])
@pytest.mark.parametrize("damage", ["altered", "unreadable for a day"])
def test_of_a_track_that_is_damaged_every_piece_stays_for_as_long_as_its_recording(
    cast: None, media: Path, which: int, damage: str
) -> None:
    talk = talked()
    track = Track.objects.get(person=who("wang"))
    piece = track.pieces.order_by("offset")[which]
    if damage == "altered":
        (media / piece.path).write_bytes(b"shorter")
    else:
        (media / piece.path).unlink()
        (media / piece.path).mkdir()
        day = 25 * 3_600_000
        Capture.objects.update(off_at=F("off_at") - day, on_at=F("on_at") - day)
        Track.objects.update(started_at=F("started_at") - day)
    count, files = track.pieces.count(), len(list((media / "tracks" / str(track.id)).iterdir()))
    attempted(talk)
    wang = side("wang")
    assert wang.warnings[0] == "track.damaged"
    kept = piece.offset or track.size - piece.size  # what came before it, or else what came after it
    assert wang.size == len(SealedReader(sealed(wang)).readall()) == kept
    assert track.pieces.count() == count
    assert len(list((media / "tracks" / str(track.id)).iterdir())) == files
    assert check_chain(wang.key.scope).findings == []
    assert not (side("zhao").track.pieces.exists())
    erasing.erase_recordings(wang.key_id)
    assert not track.pieces.exists()
    assert media / "tracks" / str(track.id) in set(erasing.directories(wang.key_id))


def test_a_join_that_fails_leaves_no_key_behind(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    talk, keys = talked(), DataKey.objects.filter(shredded_at=None)

    def dies(*args: object, **kwargs: object) -> None:
        raise MemoryError

    before = keys.count()
    with monkeypatch.context() as broken:
        broken.setattr(settling, "_finish", dies)
        attempted(talk)
    assert (Recording.objects.filter(origin="talk").count(), keys.count()) == (0, before)
    assert attempted(talk).state == Capture.State.DONE
    assert keys.count() == before + 1
