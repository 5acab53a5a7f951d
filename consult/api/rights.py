"""My rights: a copy of my record at once, and what I want erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Schema
from ninja.responses import Status

from consult import copies
from consult.api.consultations import DepartmentBrief
from consult.models import Consultation
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.errors import NOT_FOUND, Refused
from records.ledger import signing
from records.retention import certificate_page, requests
from records.retention.models import RightsRequest
from records.views import bilingual

router = Router(tags=["rights"], auth=signed_in)

# A page that loads nothing and runs nothing; its style stands in it.
PRINTABLE: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
RequestState = Literal["waiting", "sealed", "done", "refused"]


class ErasureRequest(Schema):
    """`sealed_until`: when it will be destroyed; `reason`: why it was decided so."""

    id: UUID
    consultation: UUID
    department: DepartmentBrief
    opened_at: datetime
    state: RequestState
    asked_at: datetime
    decided_at: datetime | None
    reason: str | None
    sealed_until: datetime | None
    done_at: datetime | None


class Erase(Body):
    consultation: UUID


class ShredCertificate(Schema):
    """`note`: a signed note (c2sp.org/signed-note); `public_key` verifies it, without a network."""

    note: str
    public_key: str


@router.get("/rights/copy")
@acts("rights.own")
def copy(request: SignedInRequest) -> HttpResponse:
    """Everything about me that I may see, as one page to keep."""
    answer = HttpResponse(copies.copy_for(request.auth), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="my-record.html"'
    answer["Cache-Control"] = "no-store"
    return answer


@router.get("/rights/erasures", response=list[ErasureRequest])
@acts("rights.own")
def mine(request: SignedInRequest) -> list[dict[str, Any]]:
    """The erasures that this patient asked for, and what became of them."""
    return shown(list(requests.own(request.auth)))


@router.post("/rights/erasures", response={201: ErasureRequest})
@acts("rights.own")
def ask(request: SignedInRequest, body: Erase) -> Status[dict[str, Any]]:
    """Ask that one of my closed consultations be erased."""
    return Status(201, shown([requests.ask(request.auth, body.consultation)])[0])


@router.get("/rights/erasures/{uuid:request_id}/certificate", response=ShredCertificate)
@acts("rights.see")
def certificate(request: SignedInRequest, request_id: UUID) -> dict[str, str]:
    """Proof that it was destroyed. 404 before that."""
    return {"note": _certified(request, request_id).certificate, "public_key": str(signing.verifier())}


@router.get("/rights/erasures/{uuid:request_id}/certificate/page")
@acts("rights.see")
def certificate_page_of(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    """The same as a page to print, with the code that leads to the proof. 404 before that."""
    page = certificate_page.page(_certified(request, request_id))
    return HttpResponse(page, content_type="text/html; charset=utf-8", headers=PRINTABLE)


def _certified(request: SignedInRequest, request_id: UUID) -> RightsRequest:
    found = requests.load(request.auth, request_id)
    if not found.certificate:
        raise Refused(NOT_FOUND)
    return found


def shown(rows: list[RightsRequest]) -> list[dict[str, Any]]:
    """The fields of `ErasureRequest`."""
    about = Consultation.objects.select_related("department").filter(chain__in=[row.case_id for row in rows])
    cases = {case.id: case for case in about}
    return [_shown(row, cases[row.case_id]) for row in rows]


def _shown(row: RightsRequest, case: Consultation) -> dict[str, Any]:
    department = case.department
    return {
        "id": row.id,
        "consultation": row.case_id,
        "department": {"id": department.id, "name": bilingual(department.name_zh, department.name_en)},
        "opened_at": case.opened_at,
        "state": row.state,
        "asked_at": row.asked_at,
        "decided_at": row.decided_at,
        "reason": requests.reason_of(row),
        "sealed_until": row.sealed_until,
        "done_at": row.done_at,
    }
