"""The patient's record: entries are added or amended, never overwritten."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

import msgspec
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from records import care
from records.access import Relation, allowed, require
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.ledger.models import Chain, Leaf, TreeEntry
from records.people import Person, Role
from records.vault import Context, data_key, open_key, seal, unseal
from records.vault.models import DataKey, Retention

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

CONTENT_TYPE: Final = "application/json"
# Part of a record, as a patient lets it be seen -> the action that opens it.
PARTS: Final = {
    "messages": "chart.messages",
    "record": "chart.record",
    "medication": "chart.medication",
    "calls": "recording.read",
}
ADDED: Final = "chart.entry.added"
AMENDED: Final = "chart.entry.amended"
OPENED: Final = "chart.opened"
FAMILY: Final = "family"
# Somebody who looks at a chart again within this time is still the same look.
SAME_LOOK_MS: Final = 15 * 60 * 1000

ALREADY_AMENDED: Final = ErrorKind(
    "entry.amended", 409, "这一条已经更正过，请更正最新的一条。", "This entry was already amended. Please amend the newest one."
)


class Chart(models.Model):
    """One patient's record; its primary key is its ledger chain."""

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id")
    patient = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="chart")

    def __str__(self) -> str:
        return str(self.chain_id)

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        return care.Patient(self.patient_id).relations_of(person)


class ChartEntry(models.Model):
    """One sealed entry. An amendment is a new entry that names the one it amends."""

    class Kind(models.TextChoices):
        PROBLEM = "problem"
        ALLERGY = "allergy"
        MEDICATION = "medication"
        READING = "reading"
        NOTE = "note"
        RISK = "risk"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="entries")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.BigIntegerField()  # ms since epoch
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    amends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()  # sealed JSON {text, value?, reason?}

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chart", "seq"], name="chart_seq_once"),
            models.UniqueConstraint(fields=["chart", "author", "client_id"], name="chart_client_once"),
        ]

    def __str__(self) -> str:
        return f"{self.chart_id}#{self.seq} {self.kind}"


class Value(msgspec.Struct, frozen=True):
    """A measured value; `unit` as shown (mmHg, mmol/L), `code` what was measured (LOINC where there is one)."""

    number: float
    unit: str
    code: str


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed. `reason` says why an entry was amended."""

    text: str
    value: Value | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry with its content opened. `placed`: its leaf stands in the signed tree, not only in its chain."""

    row: ChartEntry
    content: Content
    amended_by: UUID | None
    placed: bool


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Content).decode


def chart_of(patient: Person) -> Chart:
    """A patient's chart, made on first use. Not a permission check: callers `require` first."""
    found = Chart.objects.filter(patient=patient).first()
    if found is not None:
        return found
    with transaction.atomic():
        Person.objects.select_for_update().get(id=patient.id)  # two at once make one chart
        chart = Chart.objects.filter(patient=patient).first()
        if chart is None:
            chart = Chart.objects.create(chain=Chain.objects.create(kind=Chain.Kind.CHART), patient=patient)
    return chart


def load(person: Person, action: str, patient_id: UUID) -> Chart:
    """The chart of this patient for this act. Raises Refused(NOT_FOUND)."""
    require(person, action, care.Patient(patient_id))
    patient = Person.objects.filter(id=patient_id, roles__role=Role.PATIENT).first()
    if patient is None:
        raise Refused(NOT_FOUND)
    return chart_of(patient)


def parts(person: Person, chart: Chart) -> list[str]:
    """Those of `PARTS` that this person may see, in that order."""
    relations = chart.relations_of(person)
    return [part for part, action in PARTS.items() if allowed(person.role_set, action, relations)]


def add_entry(person: Person, patient_id: UUID, *, client_id: str, kind: str, content: Content) -> OpenEntry:
    """Add an entry. Repeating a client id returns the first entry; with other content it is refused."""
    chart = load(person, "chart.write", patient_id)
    with transaction.atomic():
        return _append(chart, person, client_id, kind, content)


def amend_entry(person: Person, patient_id: UUID, entry_id: UUID, *, client_id: str, content: Content) -> OpenEntry:
    """Add an entry that takes the place of another, which stays. `content.reason` says why. Idempotent like `add_entry`."""
    chart = load(person, "chart.write", patient_id)
    with transaction.atomic():
        amended = ChartEntry.objects.filter(id=entry_id, chart=chart).first()
        if amended is None:
            raise Refused(NOT_FOUND)
        return _append(chart, person, client_id, amended.kind, content, amended)


def entries(chart: Chart, seen: Collection[str] = PARTS) -> list[OpenEntry]:
    """The entries of these parts that are not shredded, amended ones too, oldest first. Raises SealBroken or KeyMissing."""
    kinds = [kind for kind in ChartEntry.Kind.values if part_of(kind) in seen]
    return [_opened(row) for row in _rows().filter(chart=chart, kind__in=kinds).exclude(body=b"").order_by("seq")]


def part_of(kind: str) -> str:
    """To which of `PARTS` an entry of this kind belongs."""
    return "medication" if kind == ChartEntry.Kind.MEDICATION else "record"


def note_opening(chart: Chart, person: Person, what: str = OPENED, case: UUID | None = None) -> None:
    """Leave a leaf that says who looked at `what` (of `case`), and whether as family: the patient can see it. One look is one leaf; the
    patient's own leave none."""
    if person.id == chart.patient_id:
        return
    ids = {} if what == OPENED else {"what": what}
    if case is not None:
        ids["case"] = str(case)
    if Relation.CARE not in chart.relations_of(person):
        ids["as"] = FAMILY
    if _still_looking(chart, person, ids):
        return
    with transaction.atomic(), chains.extend(chart.id) as tail:
        tail.add(OPENED, actor=person.id, ids=ids)


def _still_looking(chart: Chart, person: Person, ids: dict[str, str]) -> bool:
    recent = Leaf.objects.filter(chain_id=chart.id, kind=OPENED, at__gt=chains.now_ms() - SAME_LOOK_MS)
    return any(opening(leaf) == (person.id, ids) for leaf in recent)


def opening(leaf: Leaf) -> tuple[UUID, dict[str, str]]:
    """Who looked, and what a leaf of kind OPENED says of it: `what` was seen when not the record, of which `case`, `as` FAMILY when not as
    a clinician."""
    said = msgspec.json.decode(bytes(leaf.data))
    return UUID(said["actor"]), said["ids"]


def _append(
    chart: Chart, author: Person, client_id: str, kind: str, content: Content, amends: ChartEntry | None = None
) -> OpenEntry:
    with chains.extend(chart.id) as tail:  # the chain is locked: what is looked up now stays so
        known = _rows().filter(chart=chart, author=author, client_id=client_id).first()
        if known is not None:
            return _again(known, kind, content, amends)
        if amends is not None and ChartEntry.objects.filter(amends=amends).exists():
            raise Refused(ALREADY_AMENDED)
        row = ChartEntry(chart=chart, kind=kind, author=author, client_id=client_id, amends=amends, seq=tail.next_seq)
        key = data_key(chart.id, Retention.RECORD)
        row.key_id, row.body = key.id, seal(key, _context(row), _encode(content))
        row.at = tail.add(AMENDED if amends else ADDED, actor=author.id, content=row.body, ids=_ids(row)).at
    row.save(force_insert=True)
    return OpenEntry(row, content, amended_by=None, placed=False)


def _again(row: ChartEntry, kind: str, content: Content, amends: ChartEntry | None) -> OpenEntry:
    opened = _opened(row)
    if (row.kind, row.amends_id, opened.content) != (kind, amends.id if amends else None, content):
        raise Refused(CLIENT_ID_CONFLICT)
    return opened


def _context(row: ChartEntry) -> Context:
    return Context(f"chart.{row.kind}", row.chart_id, row.seq, row.author_id, row.client_id, CONTENT_TYPE)


def _ids(row: ChartEntry) -> dict[str, str]:
    ids = {"client": row.client_id, "entry": str(row.id), "type": row.kind}
    return {**ids, "amends": str(row.amends_id)} if row.amends_id else ids


def _rows() -> models.QuerySet[ChartEntry]:
    place = TreeEntry.objects.filter(leaf__chain_id=OuterRef("chart_id"), leaf__seq=OuterRef("seq"))
    rows = ChartEntry.objects.select_related("author", "amended_by").prefetch_related("author__roles", "author__departments")
    return rows.annotate(placed=Exists(place))


def _opened(row: Any) -> OpenEntry:
    """`row` comes from `_rows`."""
    content = _decode(unseal(open_key(row.key_id), _context(row), bytes(row.body)))
    amendment = getattr(row, "amended_by", None)
    return OpenEntry(row, content, amendment.id if amendment else None, row.placed)


def current(opened: Iterable[OpenEntry], kind: str) -> list[OpenEntry]:
    """Entries of one kind that nothing has amended, newest first."""
    return [entry for entry in opened if entry.row.kind == kind and entry.amended_by is None][::-1]
