"""The job survives its workers: claimed once, given back, never done twice, never lost."""

import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import Settings
from structlog.testing import capture_logs

from tests.cast import Browser, code_of
from tests.transcription.conftest import transcribed
from transcription import engines, failures, jobs, tasks, work
from transcription.models import Job, Recording, Transcript

pytestmark = pytest.mark.usefixtures("deterministic")

Made = Callable[..., Recording]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the broker: the ids of recordings."""
    messages: list[str] = []
    monkeypatch.setattr(jobs, "send", lambda recording, _queue: messages.append(str(recording)))
    return messages


@pytest.fixture
def recording(recording_of: Made, call: bytes) -> Recording:
    return recording_of(call)


def later(recording: Recording, **ago: float) -> None:
    """Let time pass for the job's lease."""
    Job.objects.filter(recording=recording).update(lease_until=timezone.now() - timedelta(**ago))


def test_a_job_is_taken_by_one_worker_only(recording: Recording) -> None:
    first, second = uuid4(), uuid4()
    assert jobs.claim(recording.id, first)
    assert not jobs.claim(recording.id, second)
    recording.refresh_from_db()
    assert recording.state == "running"


def test_a_message_delivered_twice_makes_one_transcript(recording: Recording) -> None:
    transcribed(recording)
    assert not jobs.claim(recording.id, uuid4())
    assert Transcript.objects.filter(recording=recording).count() == 1


def test_progress_is_seen_while_it_runs_and_ends_at_one(recording: Recording, browser_of: Callable[[str], Browser]) -> None:
    sun, holder = browser_of("sun"), uuid4()
    jobs.claim(recording.id, holder)
    jobs.report(recording.id, holder, 0.4)
    shown = sun.get(f"/api/recordings/{recording.id}").json()
    assert (shown["state"], shown["progress"]) == ("running", 0.4)
    work.run(recording.id, holder)
    shown = sun.get(f"/api/recordings/{recording.id}").json()
    assert (shown["state"], shown["progress"]) == ("done", 1.0)


def test_a_worker_that_lost_its_lease_writes_nothing(recording: Recording) -> None:
    slow, fast = uuid4(), uuid4()
    assert jobs.claim(recording.id, slow)
    later(recording, seconds=1)
    assert jobs.claim(recording.id, fast)
    with pytest.raises(jobs.LeaseLost):
        work.run(recording.id, slow)
    assert not Transcript.objects.exists()
    work.run(recording.id, fast)
    assert Transcript.objects.count() == 1
    with pytest.raises(jobs.LeaseLost):
        jobs.renew(recording.id, slow)
    with pytest.raises(jobs.LeaseLost):
        jobs.report(recording.id, slow, 0.5)


def test_the_sweep_gives_back_what_a_dead_worker_held(recording: Recording, sent: list[str]) -> None:
    jobs.claim(recording.id, uuid4())
    assert jobs.sweep() == 0, "its lease still runs"
    later(recording, seconds=1)
    assert jobs.sweep() == 1
    recording.refresh_from_db()
    assert (recording.state, recording.job.state) == ("queued", "queued")


def test_the_sweep_leaves_a_worker_alone_that_renewed_its_lease_after_it_looked(recording: Recording, sent: list[str]) -> None:
    holder, looked_at = uuid4(), timezone.now()
    jobs.claim(recording.id, holder)
    jobs.renew(recording.id, holder)
    jobs.release(recording.id, holder, over_at=looked_at)
    recording.refresh_from_db()
    assert (recording.state, recording.job.holder) == ("running", holder)
    Job.objects.update(attempt=jobs.ATTEMPTS)
    jobs.release(recording.id, holder, over_at=looked_at)
    assert Job.objects.get(recording=recording).state == "running", "nor is it given up"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_ends_no_transcription(recording: Recording) -> None:
    holder = uuid4()
    jobs.claim(recording.id, holder)
    with connection.execute_wrapper(away):
        tasks._renew(recording.id, holder)
        work.Progress(recording.id, holder)(0.5)
    before = Job.objects.get(recording=recording).lease_until
    tasks._renew(recording.id, holder)
    after = Job.objects.get(recording=recording).lease_until
    assert before is not None
    assert after is not None
    assert after > before


def away(*_: object) -> None:
    raise OperationalError("the server closed the connection unexpectedly")


@pytest.mark.django_db(transaction=True)
def test_the_sweep_sends_lost_messages_again_but_not_at_every_turn(recording: Recording, sent: list[str]) -> None:
    assert jobs.sweep() == 0, "it was sent a moment ago"
    Job.objects.update(sent_at=timezone.now() - timedelta(seconds=30))
    assert jobs.sweep() == 1
    assert sent == [str(recording.id)]
    assert jobs.sweep() == 0


def test_a_recording_that_kills_its_worker_again_and_again_is_given_up_with_a_reason(
    recording: Recording, browser_of: Callable[[str], Browser]
) -> None:
    for attempt in range(jobs.ATTEMPTS):
        holder = uuid4()
        assert jobs.claim(recording.id, holder), attempt
        jobs.release(recording.id, holder)
    assert not jobs.claim(recording.id, uuid4())
    shown = browser_of("sun").get(f"/api/recordings/{recording.id}").json()
    assert (shown["state"], shown["failure"]["code"]) == ("failed", "transcription.crashed")
    assert shown["failure"]["retry"]


def test_a_failed_recording_can_be_tried_again_and_another_cannot(
    recording: Recording, browser_of: Callable[[str], Browser]
) -> None:
    sun = browser_of("sun")
    path = f"/api/recordings/{recording.id}/retry"
    assert code_of(sun.post(path)) == "recording.not_failed"
    holder = uuid4()
    jobs.claim(recording.id, holder)
    jobs.fail(recording.id, holder, failures.DAMAGED)
    again = sun.post(path)
    assert (again.status_code, again.json()["state"], again.json()["failure"]) == (200, "queued", None)
    assert transcribed(recording).state == "done"
    assert code_of(sun.post(path)) == "recording.not_failed"


def test_a_worker_takes_what_somebody_waits_for_then_calls_then_what_was_imported(
    recording_of: Made, call: bytes, browser_of: Callable[[str], Browser]
) -> None:
    first, second, third, imported = (recording_of(call) for _ in range(4))
    Job.objects.filter(recording=imported).update(priority=Job.Priority.BACKLOG, created_at=timezone.now() - timedelta(days=1))
    sun = browser_of("sun")
    shown = [sun.get(f"/api/recordings/{one.id}").json()["ahead"] for one in (first, second, third, imported)]
    assert shown == [0, 1, 2, 3]
    assert sun.post(f"/api/recordings/{third.id}/first").json()["ahead"] == 0
    taken = [jobs.take_next(imported.id, uuid4()) for _ in range(5)]
    assert taken == [third.id, first.id, second.id, imported.id, None], "whichever recording the message told of"
    assert sun.get(f"/api/recordings/{third.id}").json()["ahead"] is None


def test_calls_and_voice_notes_do_not_wait_for_each_other(recording: Recording) -> None:
    note = Recording(origin=Recording.Origin.VOICE)
    note.__dict__.update({k: v for k, v in recording.__dict__.items() if k not in {"id", "_state", "origin", "client_id"}})
    note.follow_up, note.thread_id, note.client_id = None, recording.key.scope, "a-note"
    note.save(force_insert=True)
    jobs.enqueue(note)
    assert jobs.take_next(note.id, uuid4()) == note.id
    assert jobs.take_next(note.id, uuid4()) is None
    assert jobs.take_next(recording.id, uuid4()) == recording.id


def test_a_cancelled_job_ends_with_that_reason_whether_it_waits_or_runs(
    recording: Recording, browser_of: Callable[[str], Browser]
) -> None:
    sun = browser_of("sun")
    path = f"/api/recordings/{recording.id}"
    for runs in (False, True):
        holder = uuid4()
        if runs:
            assert jobs.claim(recording.id, holder)
        for _ in range(2):
            shown = sun.post(f"{path}/cancel").json()
            assert (shown["state"], shown["failure"]["code"]) == ("failed", "transcription.cancelled")
        with pytest.raises(jobs.LeaseLost):
            work.run(recording.id, holder)
        jobs.release(recording.id, holder)
        assert jobs.take_next(recording.id, uuid4()) is None
        assert sun.post(f"{path}/retry").json()["state"] == "queued"
    assert not Transcript.objects.exists()
    assert transcribed(recording).state == "done"
    for late in ("cancel", "first"):
        assert code_of(sun.post(f"{path}/{late}")) == "recording.finished"


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_worker_is_stopped_by_its_parent(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "RENEW_SECONDS", 0.0)
    started: list[subprocess.Popen[bytes]] = []

    def start(taken: UUID, _: UUID) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE))
        jobs.cancel(taken)
        return started[0]

    monkeypatch.setattr(tasks, "start", start)
    tasks.transcribe(str(recording.id))
    assert started[0].returncode == -signal.SIGKILL
    recording.refresh_from_db()
    assert (recording.state, recording.failure, recording.job.attempt) == ("failed", "transcription.cancelled", 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "ends", [work.run, lambda one, holder: jobs.fail(one, holder, failures.SILENT)], ids=["done", "failed"]
)
def test_a_worker_that_is_slow_to_leave_has_lost_nothing(
    recording: Recording, ends: Callable[[UUID, UUID], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "RENEW_SECONDS", 0.0)
    told: list[UUID] = []
    monkeypatch.setattr(jobs, "hand_on", told.append)

    def start(taken: UUID, holder: UUID) -> subprocess.Popen[bytes]:
        ends(taken, holder)
        return subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE)

    monkeypatch.setattr(tasks, "start", start)
    with capture_logs() as logs:
        tasks.transcribe(str(recording.id))
    assert told == [recording.id]
    assert [line for line in logs if line["log_level"] != "info"] == []


def test_without_a_model_the_recording_says_what_is_missing(
    recording: Recording, settings: Settings, browser_of: Callable[[str], Browser]
) -> None:
    settings.XINQIAO_SPEECH_ENGINE = "faster-whisper"
    settings.XINQIAO_SPEECH_MODEL = "/nowhere/at/all"
    transcribed(recording)
    failure = browser_of("sun").get(f"/api/recordings/{recording.id}").json()["failure"]
    assert failure["code"] == "no_model"
    assert "XINQIAO_SPEECH_MODEL" in failure["message"]["zh"]
    assert "XINQIAO_SPEECH_MODEL" in failure["message"]["en"]


def test_openai_whisper_is_imported_only_when_chosen(recording: Recording, settings: Settings) -> None:
    settings.XINQIAO_SPEECH_ENGINE = "openai-whisper"
    assert transcribed(recording).failure == "no_model"


def test_every_engine_of_the_table_can_be_named_and_no_other() -> None:
    assert {"faster-whisper", "openai-whisper"} <= set(engines.ENGINES)
    with pytest.raises(KeyError):
        engines.load("whisper")


def test_a_message_carries_an_id_and_nothing_else(recording: Recording, settings: Settings) -> None:
    assert tasks.transcribe.name == jobs.TASK
    assert tasks.transcribe.acks_late
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout", tasks.LIMIT_SECONDS + 1) > tasks.LIMIT_SECONDS
