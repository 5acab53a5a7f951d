"""The verifier on a machine that has nothing of Xinqiao's: Python, `cryptography`, the pack."""

import ast
import importlib.util
import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from records.ledger import signing
from records.pack import verify_pack
from tests.deployment import PATIENCE_SECONDS
from tests.records.pack.conftest import Case

VERIFIER = Path(verify_pack.__file__)

# Python without the packages of this environment but `cryptography` and what that needs, and an end at the first word to a network.
ALONE = """
import runpy, sys
def no_network(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"the network: {event} {arguments}")
sys.addaudithook(no_network)
sys.path.append("packages")
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.django_db
@pytest.mark.once
def test_it_runs_alone_from_inside_the_pack(case: Case, tmp_path: Path) -> None:
    """A machine with Python and `cryptography`, and no network: no Django, no Xinqiao, no settings, an empty directory."""
    with zipfile.ZipFile(io.BytesIO(case.written())) as archive:
        archive.extract("verify_pack.py", tmp_path)
    (tmp_path / "pack.zip").write_bytes(case.written())
    (tmp_path / "packages").mkdir()
    for name in ("cryptography", "_cffi_backend", "cffi", "pycparser"):
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            part = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
            (tmp_path / "packages" / part.name).symlink_to(part)

    def alone(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "-c", ALONE, *words]
        return subprocess.run(
            command, cwd=tmp_path, env={"PATH": ""}, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )

    done = alone("verify_pack.py", "pack.zip", "--language", "zh", "--key", str(signing.verifier()))
    assert (done.returncode, done.stderr) == (0, "")
    assert "结论：全部得到证明" in done.stdout
    assert alone("verify_pack.py", "absent.zip").returncode == verify_pack.UNREADABLE


def test_the_verifier_is_python_3_9_and_imports_nothing_else() -> None:
    source = VERIFIER.read_text()
    module = ast.parse(source, feature_version=(3, 9))
    imported = {node.module.split(".")[0] for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {name.name.split(".")[0] for node in ast.walk(module) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= {*sys.stdlib_module_names, "cryptography"}
    assert "bit_count" not in source.replace("int.bit_count", "")
    old = shutil.which("python3.9")
    if old and subprocess.run([old, "-c", ""], capture_output=True, check=False).returncode == 0:
        subprocess.run([old, "-m", "py_compile", str(VERIFIER)], check=True, env={"PYTHONPYCACHEPREFIX": "/dev/shm"})
