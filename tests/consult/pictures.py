"""Photos and documents, honest and hostile, and how a browser uploads them."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from pytest_django import Settings

from consult import timeline
from consult.attachments import files as attachment_files
from consult.attachments import uploads
from consult.models import Attachment, Consultation
from consult.protocol import Posted
from records.media import SealedReader
from tests.cast import Browser, client_id, consultation, who

Place = "39.9042N 116.4074E"


def photo(size: tuple[int, int] = (640, 480), orientation: int = 1, mode: str = "RGB", kind: str = "JPEG") -> bytes:
    """A picture whose upper left quarter is red, as a telephone writes it: with its position, its maker and a comment."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 2), fill=(200, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Telephone-4711"
    exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 15.12), 3: "E", 4: (116.0, 24.0, 26.64)})
    out = io.BytesIO()
    more: dict[str, Any] = {"comment": Place.encode()} if kind == "JPEG" else {}
    if kind == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", Place)
    picture.convert(mode).save(out, kind, exif=exif, **more)
    return out.getvalue()


def noise(side: int = 300) -> bytes:
    """A photo whose bytes do not repeat."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(7).randbytes(side * side * 3)).save(out, "JPEG", quality=95)
    return out.getvalue()


def document(pages: int = 2, words: str = "") -> bytes:
    """A PDF of empty pages, with `words` in clear in it."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    if words:
        writer.add_metadata({"/Title": words})
    return _written(writer)


def locked() -> bytes:
    """A PDF behind a password."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.encrypt("secret", algorithm="RC4-128")
    return _written(writer)


def opening_with(action: dict[str, str]) -> bytes:
    """A PDF that does something when it is opened."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    parts = {
        NameObject(f"/{name}"): NameObject(value) if name == "S" else TextStringObject(value) for name, value in action.items()
    }
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(parts)
    return _written(writer)


def with_file() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_attachment("run.exe", b"MZ")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png_of(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG that says it has so many pixels, and has as many as are given."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(pixels, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


Upload = Callable[..., Any]


def sender(browser_of: Callable[[str], Browser]) -> Upload:
    """Return a function that posts a file into a conversation as a browser's form does: `(thread, data, by=, name=, client_id=)`."""
    browsers: dict[str, Browser] = {}

    def post(thread: UUID, data: bytes, by: str = "wang", name: str = "photo.jpg", act: str | None = None) -> Any:
        browser = browsers.setdefault(by, browser_of(by))
        form = {"client_id": act or client_id(), "file": SimpleUploadedFile(name, data)}
        token = browser.client.cookies["xinqiao_csrf"].value
        return browser.client.post(f"/api/consultations/{thread}/attachments", form, headers={"X-CSRFToken": token})

    return post


def uuid_of(number: int) -> UUID:
    return uuid5(NAMESPACE_OID, str(number))


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """Files of this test alone."""
    settings.XINQIAO_MEDIA = tmp_path / "media"
    settings.XINQIAO_CLAMD = ""
    return tmp_path / "media"


@pytest.fixture
def case(cast: None) -> Consultation:
    """Wang's consultation, which Dr Zhao has taken."""
    return consultation()


@pytest.fixture
def upload(browser_of: Callable[[str], Browser]) -> Upload:
    return sender(browser_of)


def files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


def kept(answer: Any) -> bytes:
    """The bytes that were kept of an upload."""
    assert answer.status_code == 201, answer.content
    return SealedReader(attachment_files.sealed(Attachment.objects.get(id=answer.json()["id"]))).readall()


def posted(case: Consultation, by: str, ids: list[str], text: str = "", thread: UUID | None = None) -> int:
    """Post a message that carries these files, in the case or in `thread`; return its place."""
    act, place = client_id(), thread or case.id
    with transaction.atomic():
        carried = uploads.bind(who(by), place, [UUID(id_) for id_ in ids], act)
        return timeline.append(place, "message.posted", who(by), Posted(text, attachments=carried), act).seq


def linked(browser: Browser, case: Consultation, id_: str, size: str = "full") -> Any:
    return browser.get(f"/api/consultations/{case.id}/attachments/{id_}/link?size={size}")


def opened(browser: Browser, case: Consultation, id_: str, size: str = "full", **headers: str) -> Any:
    answer = linked(browser, case, id_, size)
    return browser.get(answer.json()["url"], **headers) if answer.status_code == 200 else answer
