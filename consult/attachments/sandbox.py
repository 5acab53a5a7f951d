"""The child process in which uploaded pictures and documents are opened: `python sandbox.py image|pdf`, bytes in, bytes out.

Decoders are where hostile files strike. This process has no database, no key, no secret in its environment; once the decoders are loaded
it can open no file and no socket, and its memory and time are bounded. It imports nothing of the product.

stdin: the file. stdout: one line of JSON, {"parts": [bytes of each], ...} or {"problem": code}; then the parts themselves.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
from importlib import import_module
from typing import Any, Final

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
LONGEST: Final = 4096  # pixels of a side; what is longer is made smaller
THUMB: Final = (480, 640)
MAX_PAGES: Final = 500
MEMORY_BYTES: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 20
# Nothing but these is ever decoded, whatever the file begins with.
FORMATS: Final = ("JPEG", "PNG", "WEBP")
END_BYTES: Final = 1024
ORIENTATION: Final = 0x0112  # the EXIF tag

# What makes a document do something when it is opened, or carry another file (ISO 32000-2, 7.11.4, 12.6.4, 12.7.8, 13.7).
ACTIVE_KEYS: Final = frozenset(
    {"/JavaScript", "/JS", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/RichMediaSettings", "/XFA"}
)
ACTIVE_ACTIONS: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/RichMediaExecute"}
)
# Also where no cross-reference leads: readers search for objects of their own accord. Long names only, or noise would match.
HIDDEN: Final = re.compile(rb"/(?:JavaScript|EmbeddedFile|RichMedia|Launch)\b")
NAME_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


class Problem(Exception):
    """Why the file is not taken; the message is a code."""


def load(kind: str) -> None:
    """Everything that is imported only when it is used must be there before no file can be opened any more."""
    for name in MODULES[kind]:
        module = import_module(name)
        if name == "PIL.Image":
            module.preinit()


def confine() -> None:
    """Bound what this process may use. Without a free descriptor nothing can be opened, neither keys nor the network.

    No core dump: it would be a picture in clear on disk.
    """
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def image(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return the picture written anew as JPEG, upright, in sRGB, without any metadata; and its thumbnail."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - the server never needs it

    Image.MAX_IMAGE_PIXELS = None  # the bound is ours
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Problem("too_many_pixels")
            flat = _flat(opened)
    except UnidentifiedImageError:
        raise Problem("damaged") from None
    small = flat.copy()
    small.thumbnail(THUMB)
    said = {"media_type": "image/jpeg", "width": flat.width, "height": flat.height}
    return said, [_jpeg(flat, 90), _jpeg(small, 80)]


def _flat(opened: Any) -> Any:
    """The picture's pixels alone: no larger than LONGEST, upright, sRGB, transparency on white."""
    from PIL import Image  # noqa: PLC0415

    turn = _turn(opened)
    opened.draft("RGB", (LONGEST, LONGEST))  # a large JPEG is decoded at a half, a quarter or an eighth
    opened.load()
    profile = opened.info.get("icc_profile")
    picture = opened if opened.mode in {"RGB", "L", "CMYK"} else _eight_bits(opened)
    picture.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    if turn is not None:
        picture = picture.transpose(turn)
    if picture.mode == "RGBA":
        behind = Image.new("RGB", picture.size, "white")
        behind.paste(picture, mask=picture.getchannel("A"))
        picture = behind
    flat = _in_srgb(picture, profile).convert("RGB")
    flat.info = {}  # a comment would be written again
    return flat


def _eight_bits(picture: Any) -> Any:
    """Palettes, masks and deeper samples as RGB or RGBA of 8 bits."""
    if picture.mode in {"I;16", "I;16B", "I;16L"}:
        return picture.point([value >> 8 for value in range(65_536)], "L")
    clear = picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")


def _turn(picture: Any) -> Any:
    """How to set the picture upright; None where its EXIF says nothing or is broken."""
    from PIL import Image  # noqa: PLC0415

    method = Image.Transpose
    turns = {
        2: method.FLIP_LEFT_RIGHT,
        3: method.ROTATE_180,
        4: method.FLIP_TOP_BOTTOM,
        5: method.TRANSPOSE,
        6: method.ROTATE_270,
        7: method.TRANSVERSE,
        8: method.ROTATE_90,
    }
    try:
        return turns.get(picture.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - whatever a broken header makes the parser stumble over
        return None


def _in_srgb(picture: Any, profile: bytes | None) -> Any:
    """A telephone's wide colours as every screen shows them: a rash must not change its colour when the profile is dropped."""
    if not profile:
        return picture
    from PIL import ImageCms  # noqa: PLC0415

    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _jpeg(picture: Any, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2)  # noqa: PLR2004
    return out.getvalue()


def pdf(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return the document as it is, once it is known to be whole, open and passive; and how many pages it has."""
    from pypdf import PdfReader  # noqa: PLC0415

    if b"%%EOF" not in data[-END_BYTES:]:
        raise Problem("damaged")
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise Problem("encrypted")
    pages = len(reader.pages)
    if not 1 <= pages <= MAX_PAGES:
        raise Problem("damaged" if pages < 1 else "too_many_pages")
    if HIDDEN.search(NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)) or any(map(_acts, _objects(reader))):
        raise Problem("active")
    return {"media_type": "application/pdf", "pages": pages}, [data]


def _objects(reader: Any) -> Any:
    """Every object that the cross-references name, those in compressed streams too."""
    from pypdf.generic import IndirectObject  # noqa: PLC0415

    for generation, table in reader.xref.items():
        for number in table:
            if generation != 65_535:  # noqa: PLR2004 - free
                yield IndirectObject(number, generation, reader).get_object()
    for number in reader.xref_objStm:
        yield IndirectObject(number, 0, reader).get_object()
    yield reader.trailer


def _acts(found: Any, depth: int = 0) -> bool:
    """Whether an object, or one written inside it, would do something."""
    if depth > 100:  # noqa: PLR2004 - nothing honest is nested so deep
        return True
    if isinstance(found, dict):
        acting = not ACTIVE_KEYS.isdisjoint(found) or found.get("/S") in ACTIVE_ACTIONS
        return acting or any(_acts(value, depth + 1) for value in found.values())
    return isinstance(found, list) and any(_acts(value, depth + 1) for value in found)


MODULES: Final = {
    "image": (
        "PIL.Image",
        "PIL.JpegImagePlugin",
        "PIL.MpoImagePlugin",
        "PIL.PngImagePlugin",
        "PIL.WebPImagePlugin",
        "PIL.ImageCms",
    ),
    "pdf": (
        "pypdf",
        "zlib",
        *(f"encodings.{name}" for name in ("ascii", "charmap", "cp1252", "latin_1", "utf_16", "utf_16_be", "utf_8")),
    ),
}
OPENERS: Final = {"image": image, "pdf": pdf}


def main() -> None:
    warnings.simplefilter("ignore")
    load(sys.argv[1])
    confine()
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    said: dict[str, Any] = {}
    parts: list[bytes] = []
    try:
        said, parts = OPENERS[sys.argv[1]](data)
    except Problem as problem:
        said = {"problem": str(problem)}
    except Exception:  # noqa: BLE001 - a decoder stumbled: the file is not what it says
        said = {"problem": "damaged"}
    sys.stdout.buffer.write(json.dumps({**said, "parts": [len(part) for part in parts]}).encode() + b"\n")
    for part in parts:
        sys.stdout.buffer.write(part)


if __name__ == "__main__":
    main()
