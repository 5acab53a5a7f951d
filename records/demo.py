"""The demo hospital: its departments, its cast, and who cares for whom. Safe to repeat; only for demo deployments."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from records.people import CareRelationship, Credential, Department, Person, Role, RoleGrant

PASSWORD: Final = "demo-xinqiao-2026"  # noqa: S105 (printed on purpose: the demo signs anybody in anyway)
CREDENTIAL_YEARS: Final = 2

_NAMESPACE: Final = uuid.UUID("6f1d7a52-58f3-4b8e-9b8d-2f6f7c1e2a10")


def demo_id(name: str) -> uuid.UUID:
    """The same id on every machine, so that seeding twice changes nothing and tests can name people."""
    return uuid.uuid5(_NAMESPACE, name)


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    zh: str
    en: str
    reply: tuple[int, int]  # minutes: half, and nine in ten, of the answers come within
    is_default: bool = False
    rounds: int | None = None  # questions after an answer that belong to one consultation
    hours: int = 72


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast. `note` introduces the person on the demo's sign-in page, in both languages."""

    key: str
    login: str
    name: str
    role: Role
    note: tuple[str, str]
    departments: tuple[str, ...] = ()
    title: tuple[str, str] = ("", "")
    sex: str = ""
    born: date | None = None
    mrn: str = ""
    licence: tuple[str, str] = ("", "")  # number, scope
    patients: tuple[tuple[str, str], ...] = field(default=())  # (key of the patient, why)

    @property
    def id(self) -> uuid.UUID:
        return demo_id(self.key)


PLACES: Final = (
    Place("general", "全科", "General practice", (25, 60), is_default=True),
    Place("cardiology", "心内科", "Cardiology", (40, 120)),
    Place("paediatrics", "儿科", "Paediatrics", (30, 90), rounds=10, hours=48),
)

CAST: Final = (
    Member(
        "wang", "13800000071", "王秀兰", Role.PATIENT,
        ("患者，71 岁，高血压，对青霉素过敏", "Wang Xiulan, patient, 71, high blood pressure, allergic to penicillin"),
        sex="female", born=date(1955, 3, 18), mrn="MR20190471",
    ),
    Member(
        "li", "13800000034", "李婷", Role.PATIENT,
        ("患者，34 岁，孩子八个月大", "Li Ting, patient, 34, mother of an eight-month-old"),
        sex="female", born=date(1992, 6, 2), mrn="MR20230934",
    ),
    Member(
        "chen", "13800000045", "陈静", Role.PATIENT,
        ("患者，45 岁，王秀兰的女儿", "Chen Jing, patient, 45, daughter of Wang Xiulan"),
        sex="female", born=date(1981, 9, 27), mrn="MR20210345",
    ),
    Member(
        "wu", "13800000052", "吴强", Role.PATIENT,
        ("患者，52 岁，与其他人无关", "Wu Qiang, patient, 52, a stranger to everybody else here"),
        sex="male", born=date(1974, 1, 9), mrn="MR20240152",
    ),
    Member(
        "zhao", "D1001", "赵文博", Role.DOCTOR,
        ("心内科主治医师，也看全科", "Dr Zhao Wenbo, attending physician, cardiology and general practice"),
        departments=("cardiology", "general"), title=("主治医师", "Attending physician"), sex="male",
        licence=("110110000001001", "内科 Internal medicine"), patients=(("wang", "consultation"),),
    ),
    Member(
        "qian", "D1002", "钱立", Role.DOCTOR,
        ("心内科医师，赵医生的同事", "Dr Qian Li, physician in cardiology, a colleague of Dr Zhao"),
        departments=("cardiology",), title=("住院医师", "Resident physician"), sex="male",
        licence=("110110000001002", "内科 Internal medicine"),
    ),
    Member(
        "liu", "D2001", "刘敏", Role.DOCTOR,
        ("儿科副主任医师", "Dr Liu Min, associate chief physician, paediatrics"),
        departments=("paediatrics",), title=("副主任医师", "Associate chief physician"), sex="female",
        licence=("110110000002001", "儿科 Paediatrics"), patients=(("li", "consultation"),),
    ),
    Member(
        "sun", "N1001", "孙莉", Role.NURSE,
        ("心内科健康管理师，负责电话随访", "Nurse Sun Li, health manager in cardiology, makes the follow-up calls"),
        departments=("cardiology",), title=("健康管理师", "Health manager"), sex="female",
        licence=("110110000003001", "护理 Nursing"), patients=(("wang", "follow-up"),),
    ),
    Member(
        "zhou", "C1001", "周宁", Role.OFFICER,
        ("合规专员，经批准后查阅记录", "Officer Zhou Ning, compliance, reads a case once somebody else has agreed"),
        title=("合规专员", "Compliance officer"), sex="female",
    ),
    Member(
        "he", "C1002", "何军", Role.APPROVER,
        ("合规审批人", "He Jun, approves or refuses requests to read a case"),
        title=("合规审批人", "Compliance approver"), sex="male",
    ),
    Member(
        "lin", "A1001", "林芳", Role.ADMIN,
        ("系统管理员，看不到病情", "Ms Lin Fang, administrator, sees nothing of what patients write"),
        title=("系统管理员", "Administrator"), sex="female",
    ),
)  # fmt: skip

IDS: Final = frozenset(member.id for member in CAST)


def introductions() -> list[str]:
    """One line for each of the cast, and their password: what the terminal shows beside the address."""
    people = [f"  {member.login:<12} {member.name}  {member.note[0]} / {member.note[1]}" for member in CAST]
    return [f"Demo people 演示人员 (password 密码: {PASSWORD})", *people]


def seed_people() -> None:
    """Make the departments, the cast with their roles and licences, and the care relationships that are missing."""
    places = {place.code: _department(place) for place in PLACES}
    password = make_password(PASSWORD)  # once: it costs as much as all the rest together
    for member in CAST:
        person, made = Person.objects.get_or_create(id=member.id, defaults=_fields(member, password))
        if made:
            RoleGrant.objects.create(person=person, role=member.role)
            person.departments.set([places[code] for code in member.departments])
            _license(person, member)
    for member in CAST:
        for patient, reason in member.patients:
            CareRelationship.objects.get_or_create(patient_id=demo_id(patient), clinician_id=member.id, reason=reason)


def _department(place: Place) -> Department:
    p50, p90 = place.reply
    department, _ = Department.objects.get_or_create(
        id=demo_id(place.code),
        defaults={
            "code": place.code, "name_zh": place.zh, "name_en": place.en,
            "reply_p50": p50, "reply_p90": p90, "is_default": place.is_default, "rounds": place.rounds, "hours": place.hours,
        },
    )  # fmt: skip
    return department


def _fields(member: Member, password: str) -> dict[str, object]:
    title_zh, title_en = member.title
    return {
        "login": member.login, "password": password, "name": member.name, "sex": member.sex, "birth_date": member.born,
        "mrn": member.mrn, "title_zh": title_zh, "title_en": title_en,
    }  # fmt: skip


def _license(person: Person, member: Member) -> None:
    number, scope = member.licence
    if number:
        expires_on = timezone.localdate() + timedelta(days=365 * CREDENTIAL_YEARS)
        Credential.objects.create(person=person, number=number, scope=scope, expires_on=expires_on)
