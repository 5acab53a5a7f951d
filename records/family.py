"""Family: somebody whom a patient lets see, or also speak in, their consultations, and see parts of their record; until a day, and no
longer than the patient wants.

Each grant and each end of one is a leaf of the patient's chart. Whoever keeps a copy of who may see what hears of every change in
the transaction that makes it (`on_changed`); this package cannot import them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from records.access import loaded, require
from records.charts import chart_of
from records.errors import ErrorKind, Refused
from records.ledger import chains
from records.people import Person, Role
from records.relatives import FamilyAccess, current

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

GRANTED, REVOKED = "family.granted", "family.revoked"
MAX_DAYS: Final = 365
LISTED: Final = 100

# One sentence for a wrong number, a wrong name and somebody who is no patient here: which it was is nobody's business.
NOBODY: Final = ErrorKind(
    "family.nobody",
    422,
    "没有找到这个人。请核对手机号和姓名；对方需要是本院的患者。",
    "Nobody was found. Check the phone number and the name; the person has to be a patient here.",
)

NOTHING: Final = ErrorKind(
    "family.nothing", 422, "请至少选择一项可以看的内容。", "Please choose at least one thing that they may see."
)

on_changed: list[Callable[[UUID], None]] = []  # called with the patient


@dataclass(frozen=True, slots=True)
class Scopes:
    """To what a relative is let in: the fields of `FamilyAccess` of these names."""

    messages: str
    record: bool = False
    medication: bool = False
    calls: bool = False


def let_in(person: Person, *, phone: str, name: str, scopes: Scopes, days: int) -> FamilyAccess:
    """Let a relative in for so many days; one who is in already gets these terms instead. Raises Refused: NOTHING, NOBODY."""
    require(person, "family.let_in")
    if scopes == Scopes(FamilyAccess.Messages.NONE):
        raise Refused(NOTHING)
    with transaction.atomic():
        patient = Person.objects.select_for_update().get(id=person.id)
        found = Person.objects.filter(login=phone, name=name, is_active=True, roles__role=Role.PATIENT).exclude(id=person.id)
        relative = found.first()
        if relative is None:
            raise Refused(NOBODY)
        now = timezone.now()
        FamilyAccess.objects.filter(patient=patient, relative=relative, ended_at__isnull=True).update(ended_at=now)
        row = FamilyAccess.objects.create(
            patient=patient, relative=relative, since=now, until=now + timedelta(days=days), **asdict(scopes)
        )
        terms = {"scopes": " ".join(row.scopes), "messages": row.messages, "until": row.until.isoformat()}
        _changed(row, GRANTED, person, terms)
    return row


def shut_out(person: Person, access_id: UUID) -> None:
    """End it at once: the patient's right, and the relative's own. Repeating it changes nothing. Raises Refused(NOT_FOUND)."""
    with transaction.atomic():
        row = loaded(person, "family.shut_out", FamilyAccess.objects.select_related("patient").filter(id=access_id).first())
        Person.objects.select_for_update().get(id=row.patient_id)
        if FamilyAccess.objects.filter(id=row.id, ended_at__isnull=True).update(ended_at=timezone.now()):
            _changed(row, REVOKED, person, {})


def listed(person: Person) -> tuple[list[FamilyAccess], list[FamilyAccess]]:
    """Whom this person let in, ended ones too, and who lets this person in now; newest first."""
    require(person, "family.list")
    rows = FamilyAccess.objects.select_related("patient", "relative").order_by("-since")
    return list(rows.filter(patient=person)[:LISTED]), list(rows.filter(current(), relative=person)[:LISTED])


def _changed(row: FamilyAccess, kind: str, actor: Person, ids: dict[str, str]) -> None:
    with chains.extend(chart_of(row.patient).id) as tail:
        tail.add(kind, actor=actor.id, ids={**ids, "access": str(row.id), "relative": str(row.relative_id)})
    for heard in on_changed:
        heard(row.patient_id)
