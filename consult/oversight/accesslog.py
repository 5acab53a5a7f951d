"""The access log with what only this layer knows: case numbers, patients' masked names, and what a reading is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils import timezone

from consult.models import Consultation
from consult.oversight import cases
from consult.record import ACTIONS, CARE_REASON
from records import accesslog
from records.accesslog import KINDS
from records.charts import Chart
from records.csvfile import BOM, lines
from records.errors import BAD_INPUT, Refused
from records.grants import PURPOSES
from records.ledger.chains import moment
from records.people import Person, Role
from records.views import BRIEF, bilingual, brief, masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from records.accesslog import Filters, Line

FAMILY_WORDS: Final = ("患者让看的家人", "family, let in by the patient")
PURPOSE_WORDS: Final = {**PURPOSES, accesslog.CARE: CARE_REASON, accesslog.FAMILY: FAMILY_WORDS}
MOST_PEOPLE: Final = 20
HEAD: Final = {
    "zh": ("时间", "人员", "工号", "行为", "代码", "案件", "患者", "用途", "条件", "条数", "链", "序号", "摘要", "与账本一致"),
    "en": (
        "Time", "Person", "Login", "Act", "Code", "Case", "Patient", "Purpose", "Filters", "Found", "Chain", "Entry", "Hash",
        "As in the ledger",
    ),
}  # fmt: skip
# Filters by the names of the pages; a leaf has those of the code.
CALLED: Final = {"since": "from", "until": "to", "actors": "person", "case": "number"}
YES_NO: Final = {"zh": ("否", "是"), "en": ("no", "yes")}


class Names(NamedTuple):
    """What the ids in some lines are called."""

    people: dict[UUID, Person]
    cases: dict[UUID, Consultation]
    patients: dict[UUID, str]  # by chart; masked


def people_named(text: str) -> tuple[UUID, ...]:
    """Everybody of this login, or whose name has this in it. Raises Refused(BAD_INPUT) for nobody, or too many to mean one."""
    found = Person.objects.filter(login__iexact=text) or Person.objects.filter(name__icontains=text)
    ids = tuple(found.values_list("id", flat=True)[: MOST_PEOPLE + 1])
    if not 0 < len(ids) <= MOST_PEOPLE:
        few = bilingual("没有找到这个人。", "There is nobody of this name.")
        many = bilingual("同名的人太多，请填工号。", "Too many people have this name. Please enter the login.")
        raise Refused(BAD_INPUT, {"person": many if ids else few})
    return ids


def case_numbered(text: str) -> UUID:
    """Raises Refused(BAD_INPUT)."""
    found = cases.by_number(text)
    if found is None:
        raise Refused(BAD_INPUT, {"number": bilingual("没有这个案件号。", "There is no case of this number.")})
    return found.id


def shown(found: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines as they may be seen: patients' names masked, and no word that anybody wrote."""
    names = _names(found)
    return [_shown(line, names) for line in found]


def table(person: Person, filters: Filters, language: str) -> Iterator[bytes]:
    """The log as a CSV file in pieces; the export stands in the log before the first one. Raises Refused."""
    pieces = accesslog.exported(person, filters)
    return _table(pieces, language)


def _table(pieces: Iterable[list[Line]], language: str) -> Iterator[bytes]:
    yield BOM + lines([HEAD[language]])
    for piece in pieces:
        yield lines(_row(line, language) for line in shown(piece))


def _row(line: dict[str, Any], language: str) -> list[object]:
    person = line["person"] or {}
    purpose = PURPOSE_WORDS.get(line["purpose"] or "")
    return [
        timezone.localtime(line["at"]).isoformat(),
        person.get("name"),
        line["login"],
        line["says"][language],
        line["kind"],
        line["number"],
        line["patient"],
        bilingual(*purpose)[language] if purpose else line["purpose"],
        ", ".join(line["filters"]),
        line["found"],
        line["chain"],
        line["seq"],
        line["hash"],
        YES_NO[language][line["intact"]],
    ]


def _names(found: Sequence[Line]) -> Names:
    people = Person.objects.filter(id__in={line.said.actor for line in found if line.said.actor}).prefetch_related(*BRIEF)
    about = Consultation.objects.filter(chain__in={line.entry.case for line in found if line.entry.case})
    charts = Chart.objects.filter(chain__in={line.leaf.chain_id for line in found if _of_chart(line)}).select_related("patient")
    return Names(
        {person.id: person for person in people},
        {case.id: case for case in cases.numbered(about).select_related("patient")},
        {chart.chain_id: masked(chart.patient.name) for chart in charts},
    )


def _of_chart(line: Line) -> bool:
    return line.leaf.kind.startswith(("chart.", "family."))


def _shown(line: Line, names: Names) -> dict[str, Any]:
    entry, said = line.entry, line.said
    person = names.people.get(said.actor) if said.actor else None
    case = names.cases.get(entry.case) if entry.case else None
    staff = person is not None and person.main_role != Role.PATIENT
    named = KINDS[said.kind]
    what = ACTIONS.get(said.ids.get("what", ""), (named.zh, named.en))
    return {
        "place": f"{entry.at}.{entry.leaf_id}",
        "at": moment(said.at),
        "person": _person(person) if person else None,
        "login": person.login if person and staff else None,
        "act": entry.act,
        "kind": said.kind,
        "says": bilingual(*what),
        "number": cases.number_of(case) if case else None,
        "patient": masked(case.patient.name) if case else names.patients.get(line.leaf.chain_id),
        "grant": line.leaf.chain_id if said.kind.startswith("grant.") else None,
        "purpose": entry.purpose,
        "filters": [CALLED.get(name, name) for name in said.ids.get("filters", "").split(",") if name],
        "found": int(said.ids["found"]) if "found" in said.ids else None,
        "chain": line.leaf.chain_id,
        "seq": said.seq,
        "hash": bytes(line.leaf.hash).hex(),
        "intact": line.intact,
    }


def _person(person: Person) -> dict[str, Any]:
    known = brief(person)
    return {**known, "name": masked(person.name)} if person.main_role == Role.PATIENT else known
