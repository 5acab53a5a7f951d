"""Departments, as the administrator sees them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Router, Schema

from records import departments
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.identity import require_fresh
from records.people import Department
from records.views import Bilingual, bilingual

router = Router(tags=["administration"], auth=signed_in)


class KeptDepartment(Schema):
    """`sensitive`: two people have to agree before anybody of the compliance office reads a case of it."""

    id: UUID
    name: Bilingual
    typical_reply_minutes: tuple[int, int] | None
    sensitive: bool


class Mark(Body):
    sensitive: bool


@router.get("/admin/departments", response=list[KeptDepartment])
@acts("department.list")
def see(request: SignedInRequest) -> list[dict[str, Any]]:
    """Every department, the default first, and whether it is sensitive."""
    return [_row(department) for department in departments.listed(request.auth)]


@router.put("/admin/departments/{uuid:department_id}", response=KeptDepartment)
@acts("department.mark")
def mark(request: SignedInRequest, department_id: UUID, body: Mark) -> dict[str, Any]:
    """Say whether a department is sensitive. Asks for a second factor shown lately."""
    departments.listed(request.auth)
    require_fresh(request)
    return _row(departments.mark(request.auth, department_id, sensitive=body.sensitive))


def _row(department: Department) -> dict[str, Any]:
    return {
        "id": department.id,
        "name": bilingual(department.name_zh, department.name_en),
        "typical_reply_minutes": [department.reply_p50, department.reply_p90]
        if department.reply_p50 and department.reply_p90
        else None,
        "sensitive": department.sensitive,
    }
