"""A person's own drafts, on whatever device."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from consult.conversation import drafts
from consult.conversation.drafts import Kept, Newer
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.errors import DRAFT_NEWER
from records.views import Bilingual, bilingual

router = Router(tags=["drafts"], auth=signed_in)

# As typed: with its white space at both ends, and as long as a message may be.
DraftText = Annotated[str, StringConstraints(max_length=8000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class DraftPlace(Schema):
    consultation: UUID
    version: int
    at: datetime | None


class DraftRow(DraftPlace):
    text: str


class DraftChange(Body):
    """`version`: the one that the device showed while this was typed."""

    text: DraftText
    version: int = Field(ge=0, le=2**53)


class DraftNewer(Schema):
    """Refused, because `draft` was stored meanwhile. Nothing is lost: the device still has its own words."""

    code: str
    message: Bilingual
    retry: bool
    draft: DraftRow


@router.get("/drafts", response=list[DraftPlace])
@acts(OWN)
def places(request: SignedInRequest) -> list[dict[str, Any]]:
    """Where one has begun to write, without the words."""
    return [_row(kept) for kept in drafts.written(request.auth)]


@router.get("/drafts/{uuid:thread_id}", response=DraftRow)
@acts(drafts.ACTION)
def see(request: SignedInRequest, thread_id: UUID) -> dict[str, Any]:
    """The draft; empty, with version 0, where there never was one."""
    return _row(drafts.read(request.auth, thread_id))


@router.put("/drafts/{uuid:thread_id}", response={200: DraftRow, 409: DraftNewer})
@acts(drafts.ACTION)
def keep(request: SignedInRequest, thread_id: UUID, body: DraftChange) -> Status[dict[str, Any]]:
    """Keep what somebody is writing, for their other devices."""
    return _kept(request, thread_id, body.text, body.version)


@router.delete("/drafts/{uuid:thread_id}", response={200: DraftRow, 409: DraftNewer})
@acts(drafts.ACTION)
def empty(request: SignedInRequest, thread_id: UUID, version: int) -> Status[dict[str, Any]]:
    """What the device that sent it does. `version`: the one that was sent."""
    return _kept(request, thread_id, "", version)


def _kept(request: SignedInRequest, thread_id: UUID, text: str, version: int) -> Status[dict[str, Any]]:
    try:
        return Status(200, _row(drafts.write(request.auth, thread_id, text, version)))
    except Newer as newer:
        kind = DRAFT_NEWER
        said = {"code": kind.code, "message": bilingual(kind.zh, kind.en), "retry": kind.retry}
        return Status(kind.status, {**said, "draft": _row(newer.kept)})


def _row(kept: Kept) -> dict[str, Any]:
    return {"consultation": kept.thread, "text": kept.text, "version": kept.version, "at": kept.at}
