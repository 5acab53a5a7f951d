"""What the tests of exporting share: a grant, packs made under it, and the stranger who verifies them."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from consult.models import Consultation, EvidencePack
from consult.packs import export, files
from records import grants
from records.grants import AccessGrant
from records.ledger import signing
from records.ledger.sequencer import Sequencer
from tests.cast import Browser, consultation, who
from tests.deployment import PATIENCE_SECONDS

Open = Callable[[str], Browser]
REASON = "家属投诉回复太慢，需要核对当天完整的对话记录。"
MARKER = "紫色长颈鹿"


@pytest.fixture
def grant(cast: None, settings: Settings, tmp_path: Path) -> AccessGrant:
    """Zhou's grant over a closed case of Wang's; every file goes to a directory of the test's own."""
    settings.XINQIAO_MEDIA = tmp_path / "media"
    case = consultation(said=(("zhao", f"您好，{MARKER}"), ("wang", "谢谢")), summary="好转")
    return granted(case, "conversation", "recordings", "transcripts")


def granted(case: Consultation, *parts: str) -> AccessGrant:
    terms: dict[str, Any] = {"content": parts, "purpose": "dispute", "case_number": "T-1", "reason": REASON, "hours": 8}
    asked = grants.request(who("zhou"), case.id, **terms)
    return grants.decide(who("he"), asked.id, approve=True, reason="理由充分")


def asked(grant: AccessGrant) -> EvidencePack:
    pack = export.ask(who("zhou"), grant.id)
    Sequencer().drain()
    return pack


def made(grant: AccessGrant) -> EvidencePack:
    pack = asked(grant)
    export.make(pack.id)
    pack.refresh_from_db()
    return pack


def downloaded(browser: Browser, pack: EvidencePack) -> bytes:
    answer = browser.get(f"/api/compliance/packs/{pack.id}/file")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{pack.name}"'
    content = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(content))
    return content


def verdict(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier that is inside the pack, as a stranger would: another process, another directory, no settings."""
    alone = file.parent / "alone"
    alone.mkdir(exist_ok=True)
    with zipfile.ZipFile(file) as pack:
        (alone / "verify_pack.py").write_bytes(pack.read("verify_pack.py"))
    command = [sys.executable, "verify_pack.py", str(file), "--key", str(signing.verifier()), *words]
    return subprocess.run(command, cwd=alone, env={}, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)


def members(pack: EvidencePack) -> dict[str, bytes]:
    reader = files.PackReader(pack)
    with zipfile.ZipFile(BytesIO(b"".join(map(reader.segment, range(len(reader)))))) as file:
        return {name: file.read(name) for name in file.namelist()}
