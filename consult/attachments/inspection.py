"""What an uploaded file really is: known by its first bytes, then opened in a confined process of its own (sandbox.py)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from consult.attachments import sandbox
from records.errors import UNAVAILABLE, ErrorKind, Refused

log = structlog.get_logger(__name__)

# Each takes up to sandbox.MEMORY_BYTES for up to its time; the others wait.
AT_ONCE: Final = 2
WAIT_SECONDS: Final = 30
SECONDS: Final = 40
SCRIPT: Final = Path(sandbox.__file__)

TYPE: Final = ErrorKind(
    "attachment.type",
    415,
    "只能发送 JPEG、PNG、WebP 照片和 PDF 文件。其他格式请截图，或另存为 JPEG 再发。",
    "Only JPEG, PNG and WebP photos and PDF documents can be sent. Save other formats as JPEG, or send a screenshot.",
)
PROBLEMS: Final = {
    "damaged": ErrorKind(
        "attachment.damaged",
        422,
        "这个文件打不开，可能已损坏。请重新拍照或换一个文件。",
        "This file cannot be opened and may be damaged. Please take the photo again or choose another file.",
    ),
    "too_many_pixels": ErrorKind(
        "attachment.too_many_pixels",
        413,
        "这张图片的像素太多（超过 5000 万）。请缩小后再发。",
        "This picture has more than 50 million pixels. Please send a smaller one.",
    ),
    "too_many_pages": ErrorKind(
        "attachment.too_many_pages",
        413,
        "这份 PDF 超过 500 页。请只发需要看的部分。",
        "This PDF has more than 500 pages. Please send only the part to be read.",
    ),
    "encrypted": ErrorKind(
        "attachment.encrypted",
        422,
        "这份 PDF 设了密码。请去掉密码后再发，或拍照发送。",
        "This PDF is protected by a password. Remove the password, or send a photo of it.",
    ),
    "active": ErrorKind(
        "attachment.active",
        422,
        "这份 PDF 里有脚本或附带的文件，为了安全不能发送。请打印成 PDF 再发，或拍照发送。",
        "This PDF contains scripts or embedded files and cannot be sent. Print it to a new PDF, or send a photo of it.",
    ),
}
_SIGNATURES: Final = (
    (0, b"\xff\xd8\xff", "image"),
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (8, b"WEBP", "image"),
    (0, b"%PDF-", "pdf"),
)

_slots: Final = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is kept: for a picture, bytes written anew and a small copy."""

    kind: str
    media_type: str
    content: bytes
    thumb: bytes | None
    width: int | None
    height: int | None
    pages: int | None


def kind_of(head: bytes) -> str:
    """image or pdf, by the first 16 bytes. Raises Refused(TYPE). What the sender calls it does not count."""
    for offset, signature, kind in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature and (offset == 0 or head.startswith(b"RIFF")):
            return kind
    raise Refused(TYPE)


def inspect(data: bytes) -> Inspected:
    """Open a file of at most 20 MiB. Blocks for up to a minute; raises Refused: TYPE, PROBLEMS, UNAVAILABLE."""
    kind = kind_of(data[:16])
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise Refused(UNAVAILABLE)
    try:
        answer = _run(kind, data)
    finally:
        _slots.release()
    head, _, rest = answer.partition(b"\n")
    said: dict[str, Any] = json.loads(head) if head else {"problem": "damaged"}
    if "problem" in said:
        raise Refused(PROBLEMS[said["problem"]])
    first, second = rest[: said["parts"][0]], rest[said["parts"][0] :]
    size = said.get("width"), said.get("height")
    return Inspected(kind, said["media_type"], first, second or None, *size, said.get("pages"))


def _run(kind: str, data: bytes) -> bytes:
    """The child's answer; empty when it was killed by its limits, which a file of honest size never meets."""
    command = [sys.executable, "-I", "-B", str(SCRIPT), kind]
    try:
        done = subprocess.run(  # noqa: S603 - our own script, and no word of it from outside
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return b""
    if done.returncode != 0:
        log.warning("attachment.inspector_died", kind=kind, status=done.returncode)
        return b""
    return done.stdout
