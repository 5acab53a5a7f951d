"""What docs/operations.md and deploy/ say is what the code does."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
import yaml
from celery.bin.beat import beat
from celery.bin.worker import worker
from django.core.management import get_commands
from django.urls import resolve

from tests.deployment import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
WITNESS = DEPLOY / "witness" / "xinqiao-witness.service"  # for another machine: no part of the target
EXAMPLES = sorted(DEPLOY.glob("*environment.example"))
VARIABLE = re.compile(r"\b(?:XINQIAO_[A-Z_]+|DATABASE_URL|REDIS_URL)\b")
PACKAGES = ("chat_server", "consult", "records", "transcription")
# Read by systemd alone.
OF_UNITS = {"XINQIAO_WORKER_THREADS"}


def variables_read() -> set[str]:
    """The names of environment variables in the code: those in quotes that are read by a reader of chat_server.environment."""
    readers = "text|choice|flag|number|listed|hours|weekdays"
    reader = re.compile(rf'(?:env|environ)\.(?:{readers}|get)\(\s*"([A-Z_]+)"|[ (](?:{readers})\("([A-Z_]+)"')
    sources = [path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {first or second for text in sources for first, second in reader.findall(text) if VARIABLE.match(first or second)}


def variables_documented() -> set[str]:
    rows = [line for line in (ROOT / "docs" / "operations.md").read_text().splitlines() if line.startswith("| `")]
    return {name for row in rows for name in VARIABLE.findall(row.split("|")[1])}


def test_every_variable_that_the_code_reads_is_documented_and_no_other() -> None:
    assert variables_read() == variables_documented()


def test_the_deployment_files_set_only_variables_that_exist() -> None:
    files = [*UNITS, WITNESS, *EXAMPLES, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"]
    named = {name for path in files for name in VARIABLE.findall(path.read_text())}
    assert named <= variables_documented() | OF_UNITS


def test_the_relay_is_given_its_own_secret_and_no_other() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    given = {
        name: service["env_file"] for name, service in services.items() if "env_file" in service and "build" not in service
    }
    assert given == {"turn": "turn.environment"}
    lines = (DEPLOY / "turn.environment.example").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["XINQIAO_TURN_SECRET="]


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def composed() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return {name: service for name, service in services.items() if "build" in service}


def commands() -> list[list[str]]:
    """Every command of a unit and of a container, without the path of the interpreter."""
    units = [shlex.split(unit(path)["Service"]["ExecStart"]) for path in [*UNITS, WITNESS]]
    containers = [[str(word) for word in service["command"]] for service in composed().values()]  # type: ignore[attr-defined]
    return [[Path(words[0]).name, *words[1:]] for words in [*units, *containers]]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_process_is_a_command_with_options_that_it_knows(words: list[str]) -> None:
    if words[0] == "python":
        assert words[1] == "manage.py"
        assert words[2] in get_commands()
        return
    assert words[:3] == ["celery", "-A", "chat_server"]
    known = {option for command in (worker, beat) for parameter in command.params for option in parameter.opts}
    assert {word for word in words[3:] if word.startswith("--")} <= known


def test_the_target_starts_every_unit_and_no_other() -> None:
    wanted = re.findall(r"xinqiao-[a-z]+@?\w*\.service", (DEPLOY / "systemd" / "xinqiao.target").read_text())
    assert {re.sub(r"@\w+", "@", name) for name in wanted} == {path.name for path in UNITS}


def test_the_workers_of_both_shapes_take_every_queue() -> None:
    compose = [" ".join(words) for words in commands()]
    for queue in ("default", "transcription", "voice"):
        assert any(f"--queues {queue}" in command for command in compose)
        assert f"xinqiao-worker@{queue}.service" in (DEPLOY / "systemd" / "xinqiao.target").read_text()


def test_nginx_sends_recordings_and_only_those_to_the_upload_process() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    place = re.search(r"location ~ (\S*recordings\S*) \{\s+proxy_pass http://xinqiao_uploads;", text)
    assert place is not None
    address = "/api/followups/6f1d7a52-58f3-4b8e-9b8d-2f6f7c1e2a10/recordings"
    assert re.search(place[1], address)
    assert resolve(address) is not None
    assert not re.search(place[1], "/api/recordings/6f1d7a52-58f3-4b8e-9b8d-2f6f7c1e2a10/audio")


def test_nginx_writes_no_body_to_its_disk() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    for line in ("proxy_request_buffering off;", "proxy_buffering off;", "proxy_max_temp_file_size 0;"):
        assert line in text
