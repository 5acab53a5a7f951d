"""Answers that are made while they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from django.http import HttpRequest


def streamed(request: HttpRequest, pieces: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    """A file to be downloaded, piece by piece. Under ASGI Django would collect an ordinary iterator whole before sending."""
    body: Iterator[bytes] | AsyncIterator[bytes] = _awaited(pieces) if isinstance(request, ASGIRequest) else pieces
    response = StreamingHttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    def read() -> bytes | None:
        return next(pieces, None)

    while (piece := await sync_to_async(read)()) is not None:  # in the thread that has the request's connection
        yield piece
