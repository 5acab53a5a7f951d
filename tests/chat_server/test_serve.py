"""One process that serves, works and ends cleanly."""

import json
import stat

import pytest

from tests.deployment import Deployment, wait_until

pytestmark = pytest.mark.once

# Unapplying it would unapply all that came after it, which not every migration can be.
FORGET_ONE = """from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder.Migration.objects.get(app="sessions").delete()"""


def test_a_server_is_live_and_ready_in_every_part_and_ends_with_code_zero_when_asked(hospital: Deployment) -> None:
    server = hospital.start()
    assert server.get("/healthz") == (200, b'{"status": "ok"}')
    status, body = server.get("/readyz")
    assert status == 200
    parts = ["database", "worker:default", "worker:transcription", "worker:voice", "beat", "sequencer"]
    assert json.loads(body) == {"status": "ok", "parts": dict.fromkeys(parts, True)}
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_a_sequencer_that_refuses_to_sign_fails_readiness_but_not_liveness(hospital: Deployment) -> None:
    hospital.manage("sequence", "--once")
    server = hospital.start()
    wait_until((hospital.data / "keys" / "ledger.head").exists, what="the first signed checkpoint")
    server.stop()
    (hospital.data / "keys" / "ledger.head").write_text("not what was signed")
    server = hospital.start()
    wait_until(lambda: server.get("/readyz")[0] == 503, what="a failing readiness")
    assert json.loads(server.get("/readyz")[1])["parts"]["sequencer"] is False
    assert server.get("/healthz")[0] == 200
    assert "background_part_died" in server.log.read_text()


def test_a_server_without_workers_is_ready_with_its_database_alone(hospital: Deployment) -> None:
    server = hospital.start("--no-worker")
    assert json.loads(server.get("/readyz")[1]) == {"status": "ok", "parts": {"database": True}}


@pytest.mark.embedded
@pytest.mark.once
def test_the_secret_key_of_the_embedded_server_is_readable_by_its_account_alone(hospital: Deployment) -> None:
    hospital.start(env={"XINQIAO_SECRET_KEY": ""})
    assert stat.S_IMODE((hospital.data / "secret-key").stat().st_mode) == 0o600


@pytest.mark.once
@pytest.mark.parametrize("bind", ["0.0.0.0", "::"])
def test_the_demo_never_listens_beyond_loopback_unless_told_so(hospital: Deployment, bind: str) -> None:
    words = ["serve", "--port", "0", "--no-worker", "--host", bind]
    with pytest.raises(AssertionError, match="anybody sign in as anybody"):
        hospital.manage(*words)
    server = hospital.start("--no-worker", "--host", bind, env={"XINQIAO_DEMO_ANYWHERE": "1"})
    assert server.process.poll() is None


@pytest.mark.once
def test_a_second_server_on_the_same_port_says_why_it_does_not_start(hospital: Deployment) -> None:
    port = hospital.start("--no-worker").url.rpartition(":")[2]
    with pytest.raises(AssertionError, match="another server running there"):
        hospital.manage("serve", "--no-worker", "--port", port)


def test_tables_of_an_older_version_stop_the_start(hospital: Deployment) -> None:
    hospital.manage("shell", "-v", "0", "-c", FORGET_ONE)
    with pytest.raises(AssertionError, match="are not applied"):
        hospital.manage("serve", "--port", "0")


@pytest.mark.production
@pytest.mark.once
def test_production_refuses_to_start_without_a_secret_key(hospital: Deployment) -> None:
    hospital.env = {**hospital.env, "XINQIAO_SECRET_KEY": ""}
    with pytest.raises(AssertionError, match="XINQIAO_SECRET_KEY must be set"):
        hospital.manage("check")
