"""Playing a recording over HTTP: byte ranges (RFC 9110, section 14) over sealed segments, one segment in memory at a time."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from records.vault import SEGMENT_BYTES
from transcription.segments import sealed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from django.http import HttpRequest

    from records.media import Sealed
    from transcription.models import Recording

_ONE_RANGE: Final = re.compile(r"\s*bytes\s*=\s*(?:(\d+)-(\d*)|-(\d+))\s*", re.ASCII | re.IGNORECASE)
_DIGITS: Final = 20  # more than any position needs; longer numbers are only a way to keep a server busy


class Part(NamedTuple):
    """Bytes `start` to `end`, without `end`."""

    start: int
    end: int


class Place(NamedTuple):
    """Bytes `start` to `end` of one segment."""

    segment: int
    start: int
    end: int


class Unsatisfiable(Exception):
    """The range is well formed and lies outside the content."""


def wanted(header: str | None, size: int) -> Part | None:
    """The part that a Range header asks for; None: send everything. Raises Unsatisfiable.

    As the RFC allows, a header that is not understood is ignored, and so is a list of several ranges: nothing that plays audio
    sends one, and overlapping lists are a known way to multiply work.
    """
    found = _ONE_RANGE.fullmatch(header) if header else None
    if found is None:
        return None
    first, last, suffix = (_number(text) for text in found.groups())
    if suffix is not None:
        first, last = max(0, size - suffix), size - 1
        if suffix == 0:
            raise Unsatisfiable
    assert first is not None
    if last is not None and last < first and found.group(3) is None:
        return None  # not a valid range
    if first >= size:
        raise Unsatisfiable
    return Part(first, size if last is None else min(last + 1, size))


def _number(text: str | None) -> int | None:
    if not text:
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


def answer(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    """200, 206 or 416. Raises Refused when the recording is damaged, KeyMissing when its key was destroyed."""
    headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return served(request, sealed(recording), recording.media_type, bytes(recording.manifest).hex(), headers)


def served(request: HttpRequest, source: Sealed, media_type: str, digest: str, headers: Mapping[str, str]) -> HttpResponseBase:
    """Sealed content as 200, 206 or 416; `digest` is its entity tag. Raises Refused when its first segment is damaged."""
    own = {"Accept-Ranges": "bytes", **headers, "Content-Type": media_type, "ETag": f'"{digest}"'}
    unchanged = request.headers.get("If-Range", own["ETag"]) == own["ETag"]
    try:
        part = wanted(request.headers.get("Range") if unchanged else None, source.size)
    except Unsatisfiable:
        own |= {"Content-Range": f"bytes */{source.size}", "Content-Length": "0"}
        return HttpResponse(status=416, headers=own)
    whole = part or Part(0, source.size)
    own["Content-Length"] = str(whole.end - whole.start)
    if part:
        own["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{source.size}"
    return StreamingHttpResponse(_body(request, source, whole), status=206 if part else 200, headers=own)


def _body(request: HttpRequest, source: Sealed, part: Part) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Under ASGI Django would collect an ordinary generator whole before sending. The first segment is opened before the answer."""
    places = list(_places(part))
    first = source.part(*places[0]) if places else b""
    return _pieces_async(source, places[1:], first) if isinstance(request, ASGIRequest) else _pieces(source, places[1:], first)


def _pieces(source: Sealed, rest: list[Place], first: bytes) -> Iterator[bytes]:
    yield first
    for place in rest:
        yield source.part(*place)


async def _pieces_async(source: Sealed, rest: list[Place], first: bytes) -> AsyncIterator[bytes]:
    yield first
    for place in rest:
        yield await asyncio.to_thread(source.part, *place)


def _places(part: Part) -> Iterator[Place]:
    """Which segments a part touches, and which of their bytes."""
    position = part.start
    while position < part.end:
        index, inside = divmod(position, SEGMENT_BYTES)
        until = min(SEGMENT_BYTES, inside + part.end - position)
        yield Place(index, inside, until)
        position += until - inside
