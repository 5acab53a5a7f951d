"""What can be said of the locked packages without a network: where each comes from, that its bytes are fixed, under which licence."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.steps import ROOT, Failure

PYTHON_HASH = re.compile(r"sha256:[0-9a-f]{64}")
NPM_HASH = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
EXACT = re.compile(r"\d+\.\d+\.\d+[\w.+-]*")
REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[[^\]]*\])?([^;]*)")
# Of what is handed on, and not only built or tested with: permissive, or binding to its own files alone.
LICENCES = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CC-BY-4.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Python-2.0",
}


def check(root: Path = ROOT) -> None:
    """Raise Failure, which names every package that is not fixed to its bytes, or was changed behind the lock."""
    lock = tomllib.loads((root / "uv.lock").read_text())
    project = tomllib.loads((root / "pyproject.toml").read_text())
    npm = json.loads((root / "frontend" / "package-lock.json").read_text())
    wanted = json.loads((root / "frontend" / "package.json").read_text())
    found = [*python_faults(lock), *python_drift(lock, project), *npm_faults(npm), *npm_drift(npm, wanted)]
    if found:
        raise Failure("the locked packages:\n" + "\n".join(found))


def python_faults(lock: dict[str, Any]) -> Iterator[str]:
    for package in lock["package"]:
        if package["source"] == {"virtual": "."}:
            continue
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
        if "registry" not in package["source"]:
            yield f"{package['name']}: not from a package index"
        if not files or not all(PYTHON_HASH.fullmatch(file.get("hash", "")) for file in files):
            yield f"{package['name']}: a file without its SHA-256"


def python_drift(lock: dict[str, Any], project: dict[str, Any]) -> Iterator[str]:
    """Packages that pyproject.toml wants otherwise than the lock was made for."""
    own = next(package for package in lock["package"] if package["source"] == {"virtual": "."})
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    groups += project["dependency-groups"].values()
    rows = [*own["metadata"]["requires-dist"], *(one for rows in own["metadata"]["requires-dev"].values() for one in rows)]
    locked = {(row["name"], row.get("specifier", "")) for row in rows}
    stated = {_requirement(text) for group in groups for text in group}
    for name, specifier in sorted(locked ^ stated):
        yield f"{name}{specifier}: pyproject.toml and uv.lock do not say the same; run uv lock"


def _requirement(text: str) -> tuple[str, str]:
    match = REQUIREMENT.match(text)
    assert match is not None, text
    return re.sub(r"[-_.]+", "-", match[1]).lower(), match[2].replace(" ", "")


def npm_faults(lock: dict[str, Any]) -> Iterator[str]:
    for path, package in lock["packages"].items():
        if not path:
            continue
        if package.get("link") or not NPM_HASH.fullmatch(package.get("integrity", "")):
            yield f"{path}: without its SHA-512"
        if not package.get("dev") and package.get("license") not in LICENCES:
            yield f"{path}: is handed on under the licence {package.get('license')}"


def npm_drift(lock: dict[str, Any], wanted: dict[str, Any]) -> Iterator[str]:
    for kind in ("dependencies", "devDependencies"):
        if lock["packages"][""].get(kind, {}) != wanted.get(kind, {}):
            yield f"package.json and package-lock.json differ in {kind}; run npm install"
        for name, version in wanted.get(kind, {}).items():
            if not EXACT.fullmatch(version):
                yield f"{name}: {version} is not one version"
