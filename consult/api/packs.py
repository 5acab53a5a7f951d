"""Evidence packs: asked for under a grant, watched while they are made, downloaded while the grant lasts."""

from __future__ import annotations

import asyncio
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, Self
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponseBase, StreamingHttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, model_validator

from consult.api.compliance import Case, Content, shown_cases
from consult.api.grant_bodies import Days
from consult.packs import export
from consult.packs import reach as pack_reach
from consult.packs.files import PackReader
from records import grants
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.identity import require_fresh
from records.ledger.chains import moment
from records.people import Person
from records.views import BRIEF, Bilingual, PersonBrief, bilingual, brief

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from consult.models.packs import EvidencePack

router = Router(tags=["compliance"], auth=signed_in)


class NewPack(Schema):
    id: UUID


class PackWish(Body):
    """`content`: which parts of what is granted, empty for all. `also`: grants over other cases, for one pack of them all.
    `quality`: with the verdicts of quality review on these cases, from samples that are closed; kinds and severities, no notes."""

    content: list[Content] = Field(default=[], max_length=8)
    also: list[UUID] = Field(default=[], max_length=199)
    printed: bool = False
    quality: bool = False


class PackScope(Days):
    """`of`: the grant's own case, all of its patient's, or all that were opened on these days; a patient's may be of some days too."""

    of: Literal["case", "patient", "period"]
    content: list[Content] = Field(default=[], max_length=8)

    @model_validator(mode="after")
    def a_period_has_days(self) -> Self:
        if self.of == "period" and not (self.since and self.until):
            raise ValueError("a period needs its first and its last day")
        return self


class PackedCase(Schema):
    """One consultation of a pack: what of it would be in, in numbers. `entries`: of the conversation and beside it."""

    grant: UUID
    case: Case
    content: list[Content]
    entries: int
    recordings: int
    transcripts: int
    attachments: int


class PackPreview(Schema):
    """`missing`: the first of those that belong there and need a grant first; `missing_total` counts them all."""

    cases: list[PackedCase]
    missing: list[Case]
    missing_total: int


class PackFailure(Schema):
    code: str
    message: Bilingual


class Download(Schema):
    at: datetime
    person: PersonBrief


class PackState(Schema):
    """`size` in bytes and `sha256` (hex) of the file, once it is there; after `expires_at` it is deleted.

    `content`: the parts asked for, empty for all that was granted. `cases`: how many consultations are in it.
    """

    id: UUID
    grant: UUID
    asked_at: datetime
    content: list[Content]
    printed: bool
    cases: int
    downloads: list[Download]
    state: Literal["queued", "running", "done", "failed", "expired"]
    progress: float
    failure: PackFailure | None
    name: str | None
    size: int | None
    sha256: str | None
    expires_at: datetime | None


@router.post("/grants/{uuid:grant_id}/packs", response={201: NewPack})
@acts("grant.export")
def start(request: SignedInRequest, grant_id: UUID, body: PackWish) -> Status[dict[str, Any]]:
    """Queue an export of what the grant covers, and what the others do. Needs a second factor shown lately."""
    grants.load(request.auth, "grant.export", grant_id)
    require_fresh(request)
    wish = export.Wish(tuple(body.content), tuple(body.also), body.printed, body.quality)
    return Status(201, {"id": export.ask(request.auth, grant_id, wish).id})


@router.post("/grants/{uuid:grant_id}/packs/preview", response=PackPreview)
@acts("grant.export")
def preview(request: SignedInRequest, grant_id: UUID, body: PackScope) -> dict[str, Any]:
    """What a pack would hold, before it is asked for; nothing is opened. Looking for other cases is a search, and noted as one."""
    days = () if body.of == "case" else (body.since, body.until)
    found = pack_reach.reach(request.auth, grant_id, pack_reach.Scope(body.of == "patient", *days), body.content)
    cases = {case["id"]: case for case in shown_cases(request.auth, [*(one.case for one in found.inside), *found.missing])}
    return {
        "cases": [{**one._asdict(), "grant": one.grant.id, "case": cases[one.case.id]} for one in found.inside],
        "missing": [cases[row.id] for row in found.missing],
        "missing_total": found.total,
    }


@router.get("/grants/{uuid:grant_id}/packs", response=list[PackState])
@acts("grant.see")
def of_grant(request: SignedInRequest, grant_id: UUID) -> list[dict[str, Any]]:
    """What was exported under the grant, newest first."""
    return _shown(export.listed(request.auth, grant_id))


@router.get("/packs/{uuid:pack_id}", response=PackState)
@acts("grant.see")
def state(request: SignedInRequest, pack_id: UUID) -> dict[str, Any]:
    """How far an evidence pack has come; its file once it is made."""
    return _shown([export.load(request.auth, "grant.see", pack_id)])[0]


def _shown(packs: list[EvidencePack]) -> list[dict[str, Any]]:
    fetched = export.downloads(packs)
    people = Person.objects.filter(id__in={one.person for found in fetched.values() for one in found})
    names = {person.id: brief(person) for person in people.prefetch_related(*BRIEF)}
    return [
        {**_state(pack), "downloads": [{"at": moment(one.at), "person": names[one.person]} for one in fetched[pack.id]]}
        for pack in packs
    ]


def _state(pack: EvidencePack) -> dict[str, Any]:
    kind = export.FAILURES.get(pack.failure, export.CRASHED)
    return {
        "id": pack.id,
        "grant": pack.grant_id,
        "asked_at": pack.created_at,
        "content": pack.content,
        "printed": pack.printed,
        "cases": len(pack.grants),
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
    """The pack itself; each download is a reading, and needs a second factor shown lately."""
    export.load(request.auth, "grant.export", pack_id)
    require_fresh(request)
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
