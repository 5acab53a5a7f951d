"""The audit of the audit (C-10): who looked at what, why and when. Metadata alone, and every look and export is an entry of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from consult.api.compliance import Day, Filter, Term, every_filter_applies
from consult.oversight import accesslog as log
from records import accesslog
from records.access import require
from records.accesslog import Filters, Place
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.api.streams import streamed
from records.csvfile import TYPE
from records.identity import require_fresh
from records.views import Bilingual, PersonBrief

router = Router(tags=["compliance"], auth=signed_in)

Act = Literal["sign_in", "search", "read", "export", "emergency", "grant", "keeping", "review", "oversight", "account"]
Purpose = Literal["complaint", "dispute", "judicial", "quality", "regulator", "patient", "safety", "care", "family"]
NAMES: Final = ("person", "number", "act", "purpose", "from", "to")


class LogEntry(Schema):
    """One act. `number` and `patient`: the case, or whose chart; names of patients are masked. `filters` and `found`: of a search or an
    export. `chain`, `seq` and `hash` (hex): its entry in the ledger; `intact`: whether this line says what that entry says."""

    place: str
    at: datetime
    person: PersonBrief | None
    login: str | None
    act: Act
    kind: str
    says: Bilingual
    number: str | None
    patient: str | None
    grant: UUID | None
    purpose: Purpose | None
    filters: list[str]
    found: int | None
    chain: UUID
    seq: int
    hash: str
    intact: bool


class LogPage(Schema):
    """Newest first. `next`: where to go on, null at the end."""

    filters: list[Filter]
    entries: list[LogEntry]
    next: str | None


class LogFilters(Body):
    """`person`: a login, or part of a name. `number`: of a case. Days of the hospital's time zone, both included."""

    person: Term | None = None
    number: Term | None = None
    act: Act | None = None
    purpose: Purpose | None = None
    since: Day | None = Field(None, alias="from")
    until: Day | None = Field(None, alias="to")


class LogQuery(LogFilters):
    before: str | None = Field(None, max_length=40)


class LogExport(LogFilters):
    language: Literal["zh", "en"] = "zh"


@router.get("/log", response=LogPage)
@acts("access_log.see")
def see(request: SignedInRequest, query: Query[LogQuery]) -> dict[str, Any]:
    """One page of the log. The first page of each look is itself an act in it; a filter that is not known is refused."""
    require(request.auth, "access_log.see")
    every_filter_applies(request.GET, LogQuery)
    filters = _filters(query)
    before = Place.parse(query.before) if query.before else None
    if before is None:
        accesslog.looked(request.auth, filters)
    page = accesslog.page(request.auth, filters, before)
    return {
        "filters": _applied(query),
        "entries": log.shown(page.lines),
        "next": str(page.next) if page.next else None,
    }


@router.get("/log/export")
@acts("access_log.export")
def export(request: SignedInRequest, query: Query[LogExport]) -> StreamingHttpResponse:
    """The same as a table for spreadsheet programs, whole or not at all. An act in the log; needs a second factor shown lately."""
    require(request.auth, "access_log.export")
    every_filter_applies(request.GET, LogExport)
    require_fresh(request)
    pieces = log.table(request.auth, _filters(query), query.language)
    return streamed(request, pieces, TYPE, f"access-log-{timezone.localdate().isoformat()}.csv")


def _filters(query: LogFilters) -> Filters:
    return Filters(
        actors=log.people_named(query.person) if query.person else None,
        case=log.case_numbered(query.number) if query.number else None,
        act=query.act,
        purpose=query.purpose,
        since=query.since,
        until=query.until,
    )


def _applied(query: LogFilters) -> list[dict[str, str]]:
    given = query.model_dump(by_alias=True)
    return [{"name": name, "value": str(given[name])} for name in NAMES if given[name]]
