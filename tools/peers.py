"""The servers that `make bench` measures beside the product: installed where that is possible, named as missing where it is not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.install import apt, uv
from tools.steps import ROOT, Failure, command, digest, once, say

EJABBERD = ("ejabberd", "erlang-p1-sqlite3", "erlang-p1-pgsql")
POLICY = Path("/usr/sbin/policy-rc.d")
REQUIREMENTS = ROOT / "bench" / "peers" / "synapse-requirements.txt"
SYNAPSE = ROOT / ".dev" / "synapse"
SYNAPSE_PYTHON = SYNAPSE / "bin" / "python"


def peers() -> None:
    """Install what is missing. A peer that cannot be installed is no failure: the bench says that it was not measured."""
    for name, work in (("ejabberd", ejabberd), ("Synapse", synapse)):
        try:
            work()
        except Failure as failure:
            say(f"NOTE: {name} will not be measured: {failure}")


def ejabberd() -> None:
    """The Debian package, without the service that it would start now and at every boot."""
    missing = [name for name in EJABBERD if not _installed(name)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(f"as root: apt-get install {' '.join(missing)}")
    units = ["ejabberd.service"] if "ejabberd" in missing else []
    units += [] if _installed("erlang-base") else ["epmd.service", "epmd.socket"]
    with no_services():
        apt(missing)
    if units and shutil.which("systemctl"):
        command("systemctl", "--quiet", "disable", *units)


def synapse() -> None:
    """Exactly the versions of the requirements file, in a virtual environment apart from the product's."""
    key = digest([REQUIREMENTS], sys.version)
    once("Synapse", key, SYNAPSE_PYTHON, _make_synapse)


def _make_synapse() -> None:
    command(uv(), "venv", "--quiet", "--clear", "--python", sys.executable, "--no-python-downloads", SYNAPSE)
    command(uv(), "pip", "install", "--quiet", "--python", SYNAPSE_PYTHON, "--require-hashes", "-r", REQUIREMENTS)


@contextmanager
def no_services(policy: Path = POLICY) -> Iterator[None]:
    """Let no package start its service while the block lasts; a policy that is there already stays as it is."""
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _installed(package: str) -> bool:
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return asked.stdout == "install ok installed"
