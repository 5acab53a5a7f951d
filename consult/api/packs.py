"""Evidence packs: asked for under a grant, watched while they are made, downloaded while the grant lasts."""

from __future__ import annotations

import asyncio
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponseBase, StreamingHttpResponse
from ninja import Router, Schema
from ninja.responses import Status

from consult import export
from consult.pack_files import PackReader
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Bilingual, bilingual

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

router = Router(tags=["compliance"], auth=signed_in)


class NewPack(Schema):
    id: UUID


class PackFailure(Schema):
    code: str
    message: Bilingual


class PackState(Schema):
    """`size` in bytes and `sha256` (hex) of the file, once it is there; after `expires_at` it is deleted."""

    id: UUID
    grant: UUID
    state: Literal["queued", "running", "done", "failed", "expired"]
    progress: float
    failure: PackFailure | None
    name: str | None
    size: int | None
    sha256: str | None
    expires_at: datetime | None


@router.post("/grants/{uuid:grant_id}/packs", response={201: NewPack})
@acts("grant.export")
def start(request: SignedInRequest, grant_id: UUID) -> Status[dict[str, Any]]:
    """Queue an export of everything that the grant covers."""
    return Status(201, {"id": export.ask(request.auth, grant_id).id})


@router.get("/packs/{uuid:pack_id}", response=PackState)
@acts("grant.see")
def state(request: SignedInRequest, pack_id: UUID) -> dict[str, Any]:
    pack = export.load(request.auth, "grant.see", pack_id)
    kind = export.FAILURES.get(pack.failure, export.CRASHED)
    return {
        "id": pack.id,
        "grant": pack.grant_id,
        "state": pack.state,
        "progress": pack.progress,
        "failure": {"code": kind.code, "message": bilingual(kind.zh, kind.en)} if pack.failure else None,
        "name": pack.name or None,
        "size": pack.size,
        "sha256": pack.sha256 or None,
        "expires_at": pack.expires_at,
    }


@router.get("/packs/{uuid:pack_id}/file")
@acts("grant.export")
def download(request: SignedInRequest, pack_id: UUID) -> HttpResponseBase:
    """The pack itself; each download is a reading."""
    pack = export.open_file(request.auth, pack_id)
    reader = PackReader(pack)
    first = reader.segment(0)  # what cannot be opened is refused before anything is sent
    # Under ASGI Django would collect an ordinary iterator whole before sending.
    if isinstance(request, ASGIRequest):
        body: AsyncIterator[bytes] | Iterator[bytes] = _pieces(reader, first)
    else:
        body = chain([first], map(reader.segment, range(1, len(reader))))
    response = StreamingHttpResponse(body, content_type="application/zip")
    response["Content-Length"] = str(pack.size)
    response["Content-Disposition"] = f'attachment; filename="{pack.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _pieces(reader: PackReader, first: bytes) -> AsyncIterator[bytes]:
    yield first
    for index in range(1, len(reader)):
        yield await asyncio.to_thread(reader.segment, index)
