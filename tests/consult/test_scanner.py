"""What Wang uploads goes past ClamAV's daemon first: a real one, on a socket of the test's own, with a signature of the test's own."""

import hashlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from structlog.testing import capture_logs

from consult.models import Attachment, Consultation
from records.ledger.models import Leaf
from tests.cast import browser_of, cast, code_of
from tests.consult import pictures
from tests.consult.pictures import Upload, case, files, media, upload
from tests.deployment import PATIENCE_SECONDS

__all__ = ["browser_of", "case", "cast", "media", "upload"]

CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(CLAMD is None, reason="clamd is not installed: apt-get install clamav-daemon"),
]

# The EICAR test string, in two halves so that no scanner takes this file for it (eicar.org).
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Xinqiao.Test.Eicar"


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    """The address of a running daemon that knows nothing but one string, and one file by its digest."""
    home = Path(tempfile.mkdtemp(prefix="clamd-", dir="/tmp"))  # a socket's path must be short
    (home / "base").mkdir()
    (home / "base" / "own.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR[:40].hex()}\n")
    known = pictures.document(words="a known worm")
    (home / "base" / "own.hdb").write_text(f"{hashlib.md5(known).hexdigest()}:{len(known)}:Xinqiao.Test.Worm\n")
    settings = {
        "LocalSocket": home / "socket",
        "DatabaseDirectory": home / "base",
        "Foreground": "yes",
        "StreamMaxLength": "25M",
        "TemporaryDirectory": home,
        "LogFile": home / "log",
        "User": None,
    }
    config = home / "clamd.conf"
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items() if value))
    process = subprocess.Popen([str(CLAMD), "--config-file", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not listens(home / "socket"):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, "clamd did not start"
            time.sleep(0.05)
        yield f"unix://{home / 'socket'}"
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        shutil.rmtree(home)


def leaves() -> list[dict[str, object]]:
    return [json.loads(bytes(leaf.data)) for leaf in Leaf.objects.filter(kind="attachment.infected")]


def test_a_clean_photo_and_a_clean_document_pass(case: Consultation, upload: Upload, settings: Settings, clamd: str) -> None:
    settings.XINQIAO_CLAMD = clamd
    assert upload(case.id, pictures.noise(900)).status_code == 201
    assert upload(case.id, pictures.document()).status_code == 201
    assert leaves() == []


def test_what_the_scanner_knows_is_refused_and_leaves_an_act_without_its_name(
    case: Consultation, upload: Upload, settings: Settings, clamd: str, media: Path
) -> None:
    settings.XINQIAO_CLAMD = clamd
    with capture_logs() as logged:
        answer = upload(case.id, pictures.photo() + EICAR, name="planted-name-9c1e.jpg")
        worm = upload(case.id, pictures.document(words="a known worm"), by="zhao", name="planted-name-9c1e.pdf")
    assert (answer.status_code, code_of(answer), answer.json()["retry"]) == (422, "attachment.infected", False)
    assert code_of(worm) == "attachment.infected"
    assert files(media) == []
    assert not Attachment.objects.exists()
    first, second = leaves()
    ids = first["ids"]
    assert isinstance(ids, dict)
    assert ids["thread"] == str(case.id)
    assert str(ids["signature"]).startswith(SIGNATURE)
    assert (first["actor"], second["actor"]) == (str(case.patient_id), str(case.assignee_id))
    assert [line["event"] for line in logged].count("attachment.infected") == 2
    assert "planted-name" not in json.dumps([*logged, *leaves()])
