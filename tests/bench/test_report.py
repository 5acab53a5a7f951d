"""What a run says of its findings: goals, gaps and the document."""

import os
from pathlib import Path
from typing import Any

import pytest

from bench import document, report
from bench.__main__ import DOCUMENT, words
from bench.findings import Findings, goals
from bench.peers.private import Unavailable, running
from bench.run import Result
from bench.stages import Load


def a_result(per_second: float, server_us: float) -> Result:
    return Result(10, 0, [], per_second, (2.0, 9.0, 11.0), (3.0, 10.0, 12.0), server_us, 20.0)


def some_findings(tmp_path: Path) -> Findings:
    """The product at 6,000/s beside an ejabberd at 1,000/s; Synapse could not be had."""
    findings = Findings({**report.machine(tmp_path), "rounds": 3, "seconds": 2.0}, missing={"synapse": "not installed"})
    findings.measured = {
        Load("product", 100): [a_result(speed, 100.0) for speed in (5000.0, 6000.0, 9000.0)],
        Load("ejabberd", 100): [a_result(1000.0, 800.0)] * 3,
    }
    return findings


def test_goals_are_read_from_medians_and_left_out_where_nothing_was_measured(tmp_path: Path) -> None:
    reached = {goal.what: (goal.found, goal.reached) for goal in goals(some_findings(tmp_path))}
    assert reached == {
        "CPU a message at 100 in flight, us": (100.0, True),
        "messages/s at 100 in flight, times ejabberd's": (6.0, True),
        "ack p99 at 100 in flight, ms": (9.0, True),
    }


def test_a_missed_goal_is_said_to_be_missed(tmp_path: Path) -> None:
    findings = some_findings(tmp_path)
    findings.measured[Load("product", 100)] = [a_result(2000.0, 121.0)]
    assert [goal.reached for goal in goals(findings)] == [False, False, True]


def test_the_report_compares_with_the_peer_and_names_the_one_that_is_missing(tmp_path: Path) -> None:
    text = report.markdown(some_findings(tmp_path))
    assert "Not measured: Synapse. not installed." in text
    row = next(line for line in text.splitlines() if line.startswith("| ejabberd"))
    assert "1,000 (1,000-1,000)" in row
    assert row.endswith("| x 6 | x 0.125 |")
    assert "6,000 (5,000-9,000)" in text


def test_every_single_measurement_is_saved(tmp_path: Path) -> None:
    some_findings(tmp_path).save(tmp_path / "out" / "sqlite.json")
    saved = (tmp_path / "out" / "sqlite.json").read_text()
    assert saved.count('"per_second"') == 6


def test_tables_go_to_their_place_in_the_document_and_replace_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- figures: sqlite -->old<!-- end: sqlite -->\nafter\n")
    document.write(path, "sqlite", "| new |")
    document.write(path, "sqlite", "| newer |")
    assert path.read_text() == "before\n<!-- figures: sqlite -->\n\n| newer |\n\n<!-- end: sqlite -->\nafter\n"
    with pytest.raises(ValueError, match="no place for postgresql"):
        document.write(path, "postgresql", "| new |")


def test_the_page_about_benchmarks_has_a_place_for_both_back_ends(tmp_path: Path) -> None:
    copy = tmp_path / "benchmarks.md"
    copy.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("sqlite", "postgresql"):
        document.write(copy, name, f"figures of {name}")
        assert f"figures of {name}" in copy.read_text(encoding="utf-8")


def test_a_server_that_does_not_start_is_unavailable_with_its_own_words(tmp_path: Path) -> None:
    with (
        pytest.raises(Unavailable, match="no licence"),
        running(["sh", "-c", "echo no licence; exit 1"], tmp_path, lambda: False),
    ):
        pass


def test_a_server_ends_with_its_block(tmp_path: Path) -> None:
    with running(["sleep", "60"], tmp_path, lambda: True) as process:
        assert process.poll() is None
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


@pytest.mark.parametrize(
    ("argv", "peers", "parts"),
    [
        (["--peers", "none", "--parts", "history"], [], ["history"]),
        (["--peers", "ejabberd,echo", "--parts", "rounds,burst"], ["ejabberd", "echo"], ["rounds", "burst"]),
        (["--only", "product,echo"], ["echo"], ["rounds"]),
    ],
)
def test_options_choose_servers_and_parts(argv: list[str], peers: list[str], parts: list[str]) -> None:
    options: Any = words(argv)
    assert (options.peers, options.parts) == (peers, parts)


def test_an_unknown_peer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        words(["--peers", "irc"])
    assert "unknown: irc" in capsys.readouterr().err
