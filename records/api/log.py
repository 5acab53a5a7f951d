"""The log's public addresses, as any transparency log has them (c2sp.org/tlog-tiles): checkpoints and hashes, no entries."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from records.ledger import published

PLAIN: Final = "text/plain; charset=utf-8"
FOR_EVER: Final = "public, max-age=31536000, immutable"
AT_ONCE: Final = "no-cache"


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint."""
    return _note(published.newest_note())


@require_safe
def cosigned_checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest one that a witness cosigned."""
    return _note(published.newest_cosigned_note())


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A tile of hashes, complete or the beginning of one. It never changes."""
    place = published.place_of(path)
    body = None if place is None else published.tile(place)
    if body is None:
        raise Http404
    return HttpResponse(body, content_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})


def _note(note: str | None) -> HttpResponse:
    if note is None:
        raise Http404
    return HttpResponse(note, content_type=PLAIN, headers={"Cache-Control": AT_ONCE})
