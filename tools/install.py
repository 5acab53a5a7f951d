"""From a fresh clone to installed packages and a built front end; from a bare Debian to what the tests need."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.steps import ROOT, Failure, command, digest, once, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
UV_VERSION = "0.13.9"
UV_HOME = ROOT / ".dev" / "uv"
LEAST_NODE = (20, 19)

SPEECH = ("--extra", "speech", "--extra", "speech-weights")
# All but the engine that brings PyTorch, 3 GB with what it wants for graphics cards.
TESTED = ("--all-extras", "--no-extra", "openai-whisper")


def to_run() -> None:
    """Install what the server needs; without the speech packages too, because everything but transcription works."""
    _together(lambda: _packages(_speech_or_without, "run"), frontend)


def to_test() -> None:
    """Install everything, the linters and the test tools included."""
    _together(lambda: _packages(lambda: _sync(*TESTED), "test"), frontend)


def _together(*jobs: Callable[[], None]) -> None:
    """Do independent jobs at once; the first failure is raised after all have ended."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


# --- Python ----------------------------------------------------------------------------------------------------------


def _packages(work: Callable[[], None], purpose: str) -> None:
    key = digest([ROOT / "pyproject.toml", ROOT / "uv.lock"], sys.version)
    full = ROOT / ".dev" / "stamps" / "Python packages (test)"
    if purpose == "run" and PYTHON.exists() and full.exists() and full.read_text() == key:
        return  # what the tests need contains what the server needs
    once(f"Python packages ({purpose})", key, PYTHON, work)


def _speech_or_without() -> None:
    try:
        _sync("--no-dev", "--inexact", *SPEECH)
    except Failure:
        say("The speech packages could not be installed; trying without them.")
        _sync("--no-dev", "--inexact")
        say(
            "NOTE: transcription is off. Calls are stored and wait for it. Later: uv sync --frozen --inexact "
            + " ".join(SPEECH)
        )


def _sync(*choice: str) -> None:
    """Install exactly the locked versions, into .venv, with this Python."""
    env = {"UV_PROJECT_ENVIRONMENT": str(VENV), "VIRTUAL_ENV": str(VENV)}
    command(uv(), "sync", "--frozen", "--quiet", "--python", sys.executable, "--no-python-downloads", *choice, env=env)


def uv() -> Path:
    """Return uv: the one on the PATH, or one installed for this checkout alone."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    own = UV_HOME / "bin" / "uv"
    if not own.exists():
        command(*_pip(), "install", "--quiet", "--root-user-action=ignore", "--target", UV_HOME, f"uv=={UV_VERSION}")
    return own


def _pip() -> list[str | Path]:
    """Return a way to call pip. Debian's Python has none by itself, and its venv module may lack ensurepip."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [sys.executable, "-m", "pip"]
    boot = ROOT / ".dev" / "boot"
    made = subprocess.run([sys.executable, "-m", "venv", boot], capture_output=True)
    if made.returncode == 0:
        return [boot / "bin" / "python", "-m", "pip"]
    raise Failure("No uv, no pip and no venv module. Install one of them: apt-get install python3-venv")


# --- Front end -------------------------------------------------------------------------------------------------------


def frontend() -> None:
    """Install the locked npm packages and build the pages, each only when its inputs changed."""
    _require_node()
    locked = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json", FRONTEND / ".npmrc"])
    once(
        "npm packages",
        locked,
        FRONTEND / "node_modules",
        lambda: command("npm", "ci", "--no-progress", "--loglevel=error", cwd=FRONTEND),
    )
    sources = [path for path in FRONTEND.iterdir() if path.name not in {"node_modules", "dist", "tests"}]
    once("front-end build", digest(sources), DIST / "index.html", build)


def build() -> None:
    """The bundler alone: whether the pages are small enough is for `make check` to say, not a reason not to start."""
    command("npm", "exec", "--", "vite", "build", "--logLevel", "warn", cwd=FRONTEND)


def _require_node() -> None:
    if not shutil.which("node") or not shutil.which("npm"):
        raise Failure("Node.js is missing: install Node 20.19 or newer with npm.")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    if tuple(map(int, version.lstrip("v").split(".")[:2])) < LEAST_NODE:
        raise Failure(f"Node {version} is too old: install Node {'.'.join(map(str, LEAST_NODE))} or newer.")


# --- Debian ----------------------------------------------------------------------------------------------------------


def postgresql_bin() -> Path | None:
    """Return the directory of the newest installed PostgreSQL server, or None. Debian keeps it off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def faketime() -> Path | None:
    """Return the library that gives a process another wall clock, or None."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


DEBIAN_PACKAGES: dict[str, Callable[[], object]] = {
    "postgresql": postgresql_bin,
    "redis-server": lambda: shutil.which("redis-server"),
    "coturn": lambda: shutil.which("turnserver"),
    "chromium": lambda: shutil.which("chromium"),
    "fonts-noto-cjk": lambda: list(Path("/usr/share/fonts").glob("*/noto/NotoSansCJK*")),
    "janus": lambda: shutil.which("janus"),
    "espeak-ng": lambda: shutil.which("espeak-ng"),
    "libfaketime": faketime,
    "softhsm2": lambda: shutil.which("softhsm2-util"),
    "libpangoft2-1.0-0": lambda: list(Path("/usr/lib").glob("*/libpangoft2-1.0.so.0")),
    "libharfbuzz-subset0": lambda: list(Path("/usr/lib").glob("*/libharfbuzz-subset.so.0")),
    "clamav-daemon": lambda: shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin"),
}


# Tests without them are skipped, and say so.
WANTED_PACKAGES: dict[str, Callable[[], object]] = {
    "firefox-esr": lambda: shutil.which("firefox-esr") or shutil.which("firefox"),  # 80 MB to download
}


def wanted_packages() -> None:
    """Install what some tests can do without, where that is possible."""
    missing = [name for name, present in WANTED_PACKAGES.items() if not present()]
    if not missing:
        return
    try:
        _install(missing)
    except Failure as problem:
        say(f"NOTE: some tests are skipped. {problem}")


def system_packages() -> None:
    """Install the Debian packages that the tests need and this machine lacks; only root can."""
    missing = [name for name, present in DEBIAN_PACKAGES.items() if not present()]
    if missing:
        _install(missing)


def _install(missing: Sequence[str]) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(f"These are missing: {' '.join(missing)}. As root: apt-get install {' '.join(missing)}")
    apt(missing)


def apt(names: Sequence[str]) -> None:
    """Install Debian packages, as root."""
    say(f"Installing {' '.join(names)}")
    words = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600"]
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    command(*words, "update", env=env)
    command(*words, "install", "-y", "--no-install-recommends", *names, env=env)
