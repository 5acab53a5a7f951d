"""Photos and documents of a conversation: in, a link to each, and the bytes behind a link."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from ninja import File, Form, Router, Schema, UploadedFile
from ninja.responses import Status

from consult.attachments import files, links
from consult.attachments import uploads as attachments
from consult.models.attachments import Attachment
from records.api.auth import SignedInRequest, acts, signed_in
from records.errors import NOT_FOUND, Refused
from transcription.playback import served
from transcription.uploads import SealedUpload, SignedInSender

router = Router(tags=["attachments"], auth=signed_in)

# What a file may do in the browser that opens it: nothing. Never kept: the browser may be shared, its disk is not ours.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}
# Chromium shows no document in a sandbox: its viewer, which is a process without our origin, counts as a plug-in there. And it
# fetches ranges of a document without the session's cookie.
PDF_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Accept-Ranges": "none",
}


class AttachmentBrief(Schema):
    """As in the message that carries it; `sha256` (hex) is that of the sealed manifest."""

    id: UUID
    kind: Literal["image", "pdf"]
    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None


class AttachmentForm(Schema):
    client_id: str


class MediaLink(Schema):
    url: str
    expires_at: datetime


@router.post(
    "/consultations/{consultation_id}/attachments",
    response={201: AttachmentBrief},
    auth=SignedInSender(attachments.admit),
    exclude_none=True,
)
@acts("message.send")
def upload(
    request: SignedInRequest, consultation_id: UUID, form: Form[AttachmentForm], file: File[UploadedFile]
) -> Status[dict[str, Any]]:
    """Add a photo or a PDF (multipart), to be named by a message within a day. The same `client_id` returns the first one."""
    assert isinstance(file, SealedUpload)
    assert isinstance(file.receiver, attachments.Receiver)
    return Status(201, brief(file.receiver.finish(form.client_id, file.name or "")))


@router.get("/consultations/{uuid:consultation_id}/attachments/{uuid:attachment_id}/link", response=MediaLink)
@acts("consultation.read")
def link(
    request: SignedInRequest, consultation_id: UUID, attachment_id: UUID, size: Literal["full", "thumb"] = "full"
) -> dict[str, Any]:
    """A link for this person in this session, for ten minutes."""
    found = attachments.readable(request.auth, attachment_id)
    if found.thread_id != consultation_id or (size == "thumb" and found.kind != Attachment.Kind.IMAGE):
        raise Refused(NOT_FOUND)
    token, ends = links.link(request.auth, request.session.session_key or "", found, size)
    return {"url": f"/api/media/{token}", "expires_at": ends}


@router.get("/media/{token}")
@acts("consultation.read")
def media(request: SignedInRequest, token: str) -> HttpResponseBase:
    """The bytes behind a link, with HTTP ranges. 403 attachment.link for anybody but whom it was made for."""
    found, size = links.followed(request.auth, request.session.session_key or "", token)
    return answer(request, found, size)


def answer(request: SignedInRequest, found: Attachment, size: links.Size) -> HttpResponseBase:
    """The picture, its small copy, or the document; inert in whatever opens it."""
    named = content_disposition_header(as_attachment=False, filename=files.name_of(found))
    headers = {**(PDF_HEADERS if found.kind == Attachment.Kind.PDF else HEADERS), "Content-Disposition": named or "inline"}
    if size == "thumb":
        return HttpResponse(files.thumb_of(found), content_type="image/jpeg", headers=headers)
    return served(request, files.sealed(found), found.media_type, files.manifest(found), headers)


def brief(row: Attachment) -> dict[str, Any]:
    described = attachments.described(row)
    return {name: getattr(described, name) for name in described.__struct_fields__}
