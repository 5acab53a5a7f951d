"""Charts: my patients, one patient's record, and new entries in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Max
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from records import care, charts
from records.access import require
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, ClientId, Words
from records.ledger.chains import moment
from records.ledger.models import Leaf
from records.people import Person
from records.views import BRIEF, PatientBrief, PersonBrief, brief, patient_brief

router = Router(tags=["charts"], auth=signed_in)

Kind = Literal["problem", "allergy", "medication", "reading", "note", "risk"]
Text = Annotated[Words, StringConstraints(min_length=1, max_length=4000)]
Reason = Annotated[Words, StringConstraints(min_length=1, max_length=500)]


class Value(Body):
    number: Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
    unit: Annotated[Words, StringConstraints(min_length=1, max_length=20)]
    code: Annotated[Words, StringConstraints(min_length=1, max_length=40)]


class Entry(Schema):
    """`integrity`: pending until the entry's leaf stands in the signed tree. `reason`: why it amends another."""

    id: UUID
    kind: Kind
    at: datetime
    author: PersonBrief
    text: str
    value: Value | None
    reason: str | None
    amends: UUID | None
    amended_by: UUID | None
    integrity: Literal["sealed", "pending"]


class PatientHeader(PatientBrief):
    birth_date: date | None


class PatientRow(Schema):
    patient: PatientBrief
    chart: UUID | None
    last_at: datetime | None


class NewEntry(Body):
    client_id: ClientId
    kind: Kind
    text: Text
    value: Value | None = None


class Amendment(Body):
    client_id: ClientId
    text: Text
    value: Value | None = None
    reason: Reason


@router.get("/charts", response=list[PatientRow])
@acts("chart.list")
def my_patients(request: SignedInRequest) -> list[dict[str, Any]]:
    """The patients on whose care team this person is now, the ones with news first."""
    require(request.auth, "chart.list")
    people = Person.objects.filter(id__in=care.patients_of(request.auth)).select_related("chart").prefetch_related(*BRIEF)
    rows = [_row(person) for person in people]
    times = dict(
        Leaf.objects.filter(chain__in=[r["chart"] for r in rows if r["chart"]]).values_list("chain").annotate(Max("at"))
    )
    for row in rows:
        row["last_at"] = moment(times[row["chart"]]) if row["chart"] in times else None
    return sorted(rows, key=lambda row: row["last_at"] or datetime.min.replace(tzinfo=UTC), reverse=True)


@router.post("/charts/{uuid:patient_id}/entries", response={200: Entry})
@acts("chart.write")
def add_entry(request: SignedInRequest, patient_id: UUID, body: NewEntry) -> dict[str, Any]:
    """Add an entry. Repeating a `client_id` answers the first entry again."""
    content = charts.Content(body.text, value_of(body.value))
    added = charts.add_entry(request.auth, patient_id, client_id=body.client_id, kind=body.kind, content=content)
    return entry(added)


@router.post("/charts/{uuid:patient_id}/entries/{uuid:entry_id}/amend", response={200: Entry})
@acts("chart.write")
def amend_entry(request: SignedInRequest, patient_id: UUID, entry_id: UUID, body: Amendment) -> dict[str, Any]:
    """Put a corrected entry beside an earlier one, which stays readable."""
    content = charts.Content(body.text, value_of(body.value), body.reason)
    return entry(charts.amend_entry(request.auth, patient_id, entry_id, client_id=body.client_id, content=content))


def value_of(value: Value | None) -> charts.Value | None:
    return charts.Value(value.number, value.unit, value.code) if value else None


def entry(opened: charts.OpenEntry) -> dict[str, Any]:
    """The fields of `Entry`."""
    row, content = opened.row, opened.content
    return {
        "id": row.id,
        "kind": row.kind,
        "at": moment(row.at),
        "author": brief(row.author),
        "text": content.text,
        "value": content.value,
        "reason": content.reason,
        "amends": row.amends_id,
        "amended_by": opened.amended_by,
        "integrity": "sealed" if opened.placed else "pending",
    }


def patient_header(person: Person) -> dict[str, Any]:
    """The fields of `PatientHeader`."""
    return {**patient_brief(person), "birth_date": person.birth_date}


def _row(person: Person) -> dict[str, Any]:
    chart = getattr(person, "chart", None)
    return {"patient": patient_brief(person), "chart": chart.id if chart else None, "last_at": None}
