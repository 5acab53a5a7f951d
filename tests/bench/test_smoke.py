"""The load generator itself: what it sends is acknowledged and delivered once. What it measures is nobody's business here."""

import os
from pathlib import Path

import pytest

from bench.evidence import Evidence, EvidenceTask
from bench.growth import idle_sockets
from bench.report import evidence_table, sealing_table
from bench.run import Result
from bench.sealing import Sealed, SealingTask
from bench.stages import Load, once, process
from bench.targets import floors, served
from tests.deployment import Deployment

pytestmark = pytest.mark.once

SECONDS = 0.5


def assert_whole(result: Result) -> None:
    assert result.errors == []
    assert result.lost == 0, f"{result.lost} of {result.sent} messages were not acknowledged and delivered exactly once"
    assert result.sent > 2, "more than the first message of each pair was sent"


def test_every_message_of_a_load_is_acknowledged_and_delivered_once(hospital: Deployment) -> None:
    target = served(hospital, pairs=2, idlers=25)
    assert_whole(once(target, Load("product", inflight=4), SECONDS))
    assert_whole(once(target, Load("product", rate=100), SECONDS))
    with idle_sockets(target, target.population.idlers, settle=0.2, watch=0.2) as grow:
        cost = grow(25)
    assert (cost.sockets, cost.closed) == (25, 0)
    assert target.kept() > 4, "what was sent stands in the database"


@pytest.mark.once
def test_the_floors_answer_the_same_load(tmp_path: Path) -> None:
    with floors(tmp_path / "floors", pairs=2) as targets:
        assert_whole(once(targets["tutorial"], Load("tutorial", inflight=4), SECONDS))
        assert_whole(once(targets["echo"], Load("echo", inflight=4), SECONDS))


@pytest.mark.once
def test_what_evidence_costs_is_measured_on_a_pack_that_verifies(hospital: Deployment) -> None:
    found = process("bench.evidence", EvidenceTask(leaves=300, entries=20), Evidence, hospital.env)
    assert found.leaves >= 300
    assert found.pack_bytes > 20_000
    assert min(found.message_us - found.receipt_us, found.receipt_us, found.insert_us) > 0
    assert min(found.sequence_us, found.check_us, found.floor_us, found.build_ms, found.verify_ms, found.hash_ms) > 0
    assert "check " in evidence_table(found)


@pytest.mark.once
def test_what_sealing_costs_is_measured_with_each_suite(tmp_path: Path) -> None:
    own = {"XINQIAO_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "chat_server.settings", "XINQIAO_SUITE": "sm"}
    (found,) = process("bench.sealing", SealingTask([200]), list[Sealed], {**os.environ, **own})
    assert (found.suite, found.size) == ("sm", 200)
    assert min(found.seal_us, found.open_us, found.floor_seal_us, found.floor_open_us) > 0
    assert "| sm | 200 bytes |" in sealing_table([found])
