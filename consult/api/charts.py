"""One patient's record on one page, and who has looked at it: composed here, where consultations and recordings are known."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from ninja import Router, Schema

from consult import record
from consult.api.consultations import DepartmentBrief
from records import charts
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.charts import Entry, PatientHeader, entry, patient_header
from records.views import Bilingual, PersonBrief, bilingual
from transcription.briefs import RecordingBrief

router = Router(tags=["charts"], auth=signed_in)

Part = Literal["record", "medication", "messages", "calls"]

ENTRY_TITLES: Final = {
    "problem": ("诊断与问题", "Problem"),
    "allergy": ("过敏", "Allergy"),
    "medication": ("用药", "Medicine"),
    "reading": ("指标", "Reading"),
    "note": ("记录", "Note"),
    "risk": ("风险", "Risk"),
}


class ConsultationItem(Schema):
    id: UUID
    department: DepartmentBrief
    assignee: PersonBrief | None
    complaint: str
    summary: str | None
    state: Literal["queued", "active", "closed"]


class Item(Schema):
    """One thing that happened; which of the last three members is present says what."""

    id: UUID
    kind: Literal["entry", "consultation", "recording"]
    at: datetime
    title: Bilingual
    state: str | None = None
    entry: Entry | None = None
    consultation: ConsultationItem | None = None
    recording: RecordingBrief | None = None


class ChartPage(Schema):
    """`parts`: what of the record the asker may see; the rest is not there, which does not say that there is none."""

    parts: list[Part]
    patient: PatientHeader
    allergies: list[Entry]
    risks: list[Entry]
    medications: list[Entry]
    timeline: list[Item]


class Look(Schema):
    """Somebody looked at my record. `reason`: why they could; `consultation`: which one, when it was one."""

    at: datetime
    person: PersonBrief
    role: str
    action: Bilingual
    reason: Bilingual
    consultation: UUID | None


@router.get("/charts/me/access", response=list[Look])
@acts("chart.access_log")
def access_log(request: SignedInRequest) -> list[dict[str, Any]]:
    """Who opened my record: clinicians my chart, compliance my consultations; newest first."""
    return record.looks(request.auth)


@router.get("/charts/{uuid:patient_id}", response=ChartPage)
@acts("chart.read")
def read_chart(request: SignedInRequest, patient_id: UUID) -> dict[str, Any]:
    """The record of one patient, or what a relative may see of it. Anybody else's opening it is noted for the patient to see, first."""
    chart = charts.load(request.auth, "chart.read", patient_id)
    charts.note_opening(chart, request.auth)
    seen = charts.parts(request.auth, chart)
    entries = charts.entries(chart, seen)
    items = [_entry_item(opened) for opened in entries]
    if "messages" in seen:
        items += record.consultation_items(chart.patient, request.auth)
    if "calls" in seen:
        items += record.recording_items(chart.patient, request.auth)
    return {
        "parts": seen,
        "patient": patient_header(chart.patient),
        "allergies": [entry(opened) for opened in charts.current(entries, "allergy")],
        "risks": [entry(opened) for opened in charts.current(entries, "risk")],
        "medications": [entry(opened) for opened in charts.current(entries, "medication")],
        "timeline": sorted(items, key=lambda item: item["at"], reverse=True),
    }


def _entry_item(opened: charts.OpenEntry) -> dict[str, Any]:
    shown = entry(opened)
    title = bilingual(*ENTRY_TITLES[opened.row.kind])
    return {"id": shown["id"], "kind": "entry", "at": shown["at"], "title": title, "entry": shown}
