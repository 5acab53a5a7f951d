"""What `make test` says of the locked packages, and that `make audit` never calls clean what it could not ask."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tools import audit, locks
from tools.audit import Answer
from tools.steps import ROOT, Failure

REPORT = {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"high": 0, "total": 0}}}


@pytest.fixture
def npm() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    return found


def python(source: dict[str, str], digest: str) -> dict[str, Any]:
    """A lock of one package beside the project itself."""
    wants = {"requires-dist": [{"name": "django", "specifier": ">=5.2"}], "requires-dev": {}}
    own = {"name": "xinqiao", "source": {"virtual": "."}, "metadata": wants}
    return {"package": [own, {"name": "django", "source": source, "wheels": [{"hash": digest}]}]}


def test_a_python_package_without_a_hash_or_from_elsewhere_is_named() -> None:
    index = {"registry": "an index"}
    assert list(locks.python_faults(python(index, "sha256:" + "0" * 64))) == []
    assert list(locks.python_faults(python(index, "md5:" + "0" * 32))) == ["django: a file without its SHA-256"]
    assert list(locks.python_faults(python({"git": "somewhere"}, "sha256:" + "0" * 64))) == ["django: not from a package index"]


@pytest.mark.parametrize(
    ("dependencies", "faults"),
    [
        (["Django >= 5.2"], []),
        (["django>=5.2", "left_pad[x]>=1; python_version > '3'"], ["left-pad>=1"]),
        ([], ["django>=5.2"]),
    ],
)
def test_a_requirement_that_the_lock_was_not_made_for_is_named(dependencies: list[str], faults: list[str]) -> None:
    project = {"project": {"dependencies": dependencies, "optional-dependencies": {}}, "dependency-groups": {}}
    found = locks.python_drift(python({"registry": "an index"}, ""), project)
    assert [fault.split(":")[0] for fault in found] == faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda one: one.pop("integrity"), "without its SHA-512"),
        (lambda one: one.update(link=True), "without its SHA-512"),
        (lambda one: one.update(license="GPL-3.0"), "is handed on under the licence GPL-3.0"),
    ],
)
def test_a_package_of_the_front_end_that_is_not_fixed_or_not_free_is_named(
    npm: dict[str, Any], change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    change(npm["packages"]["node_modules/react"])
    assert list(locks.npm_faults(npm)) == [f"node_modules/react: {fault}"]


def test_a_range_of_versions_is_named(npm: dict[str, Any]) -> None:
    wanted = {kind: dict(npm["packages"][""][kind]) for kind in ("dependencies", "devDependencies")}
    wanted["dependencies"]["react"] = "^19.0.0"
    assert list(locks.npm_drift(npm, wanted)) == [
        "package.json and package-lock.json differ in dependencies; run npm install",
        "react: ^19.0.0 is not one version",
    ]


@pytest.mark.parametrize(
    ("code", "said", "answer"),
    [
        (0, json.dumps(REPORT), Answer.CLEAN),
        (1, json.dumps(REPORT | {"metadata": {"vulnerabilities": {"high": 1, "total": 1}}}), Answer.FOUND),
        (1, json.dumps(REPORT), Answer.FOUND),
        (1, '{"message": "405 Method Not Allowed", "error": {}}', Answer.NOT_ASKED),
        (0, "", Answer.NOT_ASKED),
        (0, "[]", Answer.NOT_ASKED),
    ],
)
def test_only_a_report_without_findings_is_clean(code: int, said: str, answer: Answer) -> None:
    assert audit.of_npm(code, said) is answer


def test_what_could_not_be_asked_fails_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """uv and npm themselves, sent to addresses at which nobody answers."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(Failure) as failure:
        audit.audit(["--service-url", "http://127.0.0.1:9/"])
    assert str(failure.value).splitlines() == [f"{name}: {Answer.NOT_ASKED.value}" for name in ("Python", "npm")]
