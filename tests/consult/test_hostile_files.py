"""What somebody may try to send instead of a photo: refused or defused, each of them, and nothing of it stays."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from consult.attachments.inspection import SCRIPT
from consult.models import Attachment, Consultation
from tests.cast import browser_of, cast, code_of
from tests.consult import pictures
from tests.consult.pictures import Upload, case, files, kept, media, upload

__all__ = ["browser_of", "case", "cast", "media", "upload"]

# What a file is does not depend on the back-end.
pytestmark = pytest.mark.once


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("invoice.exe", "MZ")
    return out.getvalue()


def _svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _hidden_script() -> bytes:
    """An object that no cross-reference names, its action's name in disguise."""
    return pictures.document().replace(b"startxref", b"9 0 obj<</S/JavaScr#69pt>>endobj\nstartxref")


def _bomb() -> bytes:
    """Ten thousand times as many pixels as bytes."""
    return pictures.png_of(10_000, 10_000, bytes(30_001 * 1_000))


def _after_a_picture() -> bytes:
    """Half of a photo, and then something else."""
    sent = pictures.noise()
    return sent[: len(sent) // 2] + _zip()


HOSTILE = {
    "a zip named jpg": (_zip, 415, "attachment.type"),
    "an SVG with a script": (_svg, 415, "attachment.type"),
    "a page": (lambda: b"<!doctype html><script>alert(1)</script>", 415, "attachment.type"),
    "a GIF": (lambda: b"GIF89a\x01\x00\x01\x00\x80\x00\x00;" + bytes(20), 415, "attachment.type"),
    "a WAV": (lambda: b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40), 415, "attachment.type"),
    "nothing": (lambda: b"", 415, "attachment.type"),
    "a few bytes of a photo": (lambda: b"\xff\xd8\xff\xe0", 422, "attachment.damaged"),
    "half a photo": (lambda: pictures.noise()[:9_000], 422, "attachment.damaged"),
    "half a photo, half a zip": (_after_a_picture, 422, "attachment.damaged"),
    "100 megapixels in a header": (lambda: pictures.png_of(10_000, 10_000), 413, "attachment.too_many_pixels"),
    "100 megapixels in a few bytes": (_bomb, 413, "attachment.too_many_pixels"),
    "the largest picture a header can say": (lambda: pictures.png_of(2**31 - 1, 2**31 - 1), 413, "attachment.too_many_pixels"),
    "a PDF without an end": (lambda: pictures.document()[:-40], 422, "attachment.damaged"),
    "a PDF in name only": (lambda: b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF\n", 422, "attachment.damaged"),
    "a PDF behind a password": (pictures.locked, 422, "attachment.encrypted"),
    "a PDF with a script": (
        lambda: pictures.opening_with({"S": "/JavaScript", "JS": "app.alert(1)"}),
        422,
        "attachment.active",
    ),
    "a PDF with a program in it": (pictures.with_file, 422, "attachment.active"),
    "a PDF that starts a program": (lambda: pictures.opening_with({"S": "/Launch", "F": "cmd.exe"}), 422, "attachment.active"),
    "a PDF with a script that nothing names": (_hidden_script, 422, "attachment.active"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_a_photo_or_a_plain_document_is_refused_and_leaves_nothing(
    case: Consultation, upload: Upload, media: Path, name: str
) -> None:
    made, status, code = HOSTILE[name]
    answer = upload(case.id, made(), name="photo.jpg")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert files(media) == []
    assert not Attachment.objects.exists()


def test_a_photo_with_a_zip_and_a_page_behind_it_becomes_a_photo(case: Consultation, upload: Upload) -> None:
    sent = pictures.photo() + b"<script>alert(1)</script>" + _zip()
    stored = kept(upload(case.id, sent))
    assert b"<script>" not in stored
    assert b"PK\x03\x04" not in stored


TRIES = """
import runpy, socket, sys
confined = runpy.run_path(sys.argv[1])
confined["load"](sys.argv[2])
confined["confine"]()
for attempt in (lambda: open("/etc/hostname"), socket.socket, lambda: bytearray(2**31)):
    try:
        attempt()
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("kind", ["image", "pdf"])
def test_the_process_that_opens_it_can_open_nothing_else(kind: str) -> None:
    """Whoever takes over a decoder finds neither the keys nor the network."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRIES, str(SCRIPT), kind], capture_output=True, text=True, env={}, check=True
    )
    assert done.stdout.split() == ["OSError", "OSError", "MemoryError"]
