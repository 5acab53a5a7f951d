"""What is installed for the bench, and what of it is not left behind."""

import re
import subprocess
from pathlib import Path

from tools.peers import REQUIREMENTS, no_services


def test_a_package_may_start_no_service_while_it_is_installed(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    with no_services(policy):
        assert subprocess.run([policy, "ejabberd", "start"], check=False).returncode == 101
    assert not policy.exists()


def test_a_policy_of_the_machine_stays_as_it_is(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    with no_services(policy):
        pass
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_synapse_is_pinned_to_exact_versions_with_hashes() -> None:
    entries = re.split(r"\n(?=\S)", REQUIREMENTS.read_text(encoding="utf-8").strip())
    assert any(entry.startswith("matrix-synapse==") for entry in entries)
    assert all(re.match(r"[a-z0-9-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)
