"""Workers that transcribe are killed at any moment, alone or with the whole server: every job ends once, at its own patient."""

import os
import random
import signal
import time
from contextlib import closing, suppress

import pytest

from tests.deployment import Deployment, Server, wait_until
from tests.transcription import sounds
from tests.transcription.live import PATIENCE, Nurse, alive, count, workers

pytestmark = [pytest.mark.heavy, pytest.mark.once, pytest.mark.long]

# Who calls whom, and a word of what is said.
CALLS = {("sun", "wang"): "dizzy", ("liu", "li"): "fever"}
SAID = {"dizzy": "It was quite high this morning. I feel a little dizzy.", "fever": "My baby had a fever last night."}
LONGEST_WAIT = 6.0  # seconds: about what a worker takes for one of these on a quiet machine
DEATHS = 2  # a round; the third of one job is a named failure, which has its own test
# One that runs, or may begin while somebody looks for whom to kill.
LAST_ATTEMPT = (
    "SELECT count(*) FROM transcription_job WHERE (state = 'running' AND attempt >= 3) OR (state = 'queued' AND attempt = 2)"
)


def test_a_worker_killed_at_any_moment_loses_no_job_and_doubles_no_transcript(hospital: Deployment, dear_rounds: int) -> None:
    server, made = hospital.start(), dict[str, str]()
    for _ in range(dear_rounds):
        for (caller, patient), word in CALLS.items():
            with closing(Nurse(server, caller, patient)) as nurse:
                made[nurse.upload(sounds.encoded(sounds.spoken(SAID[word]))).json()["id"]] = word
    for seed in range(dear_rounds * DEATHS):
        server = killed(hospital, server, random.Random(seed))
    for (caller, patient), word in CALLS.items():
        with closing(Nurse(server, caller, patient)) as nurse:
            for recording in [one for one, heard in made.items() if heard == word]:
                page = nurse.finished(recording, PATIENCE)
                assert (page["state"], len(page["transcripts"])) == ("done", 1), page
                assert word in " ".join(text for _, text in nurse.said(recording)).lower(), "of this patient"
    again = count(hospital, "SELECT count(*) FROM transcription_job WHERE attempt > 1")
    print(f"{len(made)} jobs, {dear_rounds * DEATHS} kills, {again} jobs begun more than once")
    assert count(hospital, "SELECT count(*) FROM transcription_transcript") == len(made)
    assert count(hospital, "SELECT count(*) FROM records_leaf WHERE kind = 'transcript.made'") == len(made)
    assert count(hospital, "SELECT count(*) FROM transcription_job WHERE state = 'done'") == len(made)
    server.stop()
    hospital.manage("verify_ledger")


def killed(hospital: Deployment, server: Server, chance: random.Random) -> Server:
    """Kill a worker, or the server with its broker and every message in it, at a moment of its own; return the server that runs then."""
    with suppress(AssertionError):  # all may have ended already
        wait_until(lambda: workers(server), LONGEST_WAIT, "a worker")
    time.sleep(chance.uniform(0, LONGEST_WAIT))
    wait_until(lambda: count(hospital, LAST_ATTEMPT) == 0, PATIENCE, "the end of a last attempt")
    running = workers(server)
    if running and chance.random() < 0.5:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(running), signal.SIGKILL)
        return server
    server.kill()
    wait_until(lambda: not any(map(alive, running)), PATIENCE, "the workers' end with their parent")
    return hospital.start()
