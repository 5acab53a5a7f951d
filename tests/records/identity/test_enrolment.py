"""How an empty hospital comes to have departments, people and licences, by the operator's commands alone."""

import re
from datetime import date, timedelta
from io import StringIO
from typing import Any, Final

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from consult import consultations
from consult.models import Consultation
from consult.protocol import ConsultationOpen
from records.errors import Refused
from records.ledger.models import Leaf
from records.ledger.system import SYSTEM_CHAIN
from records.people import Department, Person
from tests.cast import Browser, client_id, forget_failures

HEART = ("department", "heart", "--zh", "心内科", "--en", "Cardiology", "--reply", "40,120", "--rounds", "10", "--hours", "72")
ZHAO_LICENCE = "110110000007001"
ZHAO = (
    *("account", "D7001", "--add", "--name", "赵文博", "--roles", "doctor", "--departments", "heart"),
    *("--title-zh", "主治医师", "--title-en", "Attending physician"),
    *("--licence", ZHAO_LICENCE, "--scope", "内科", "--until", "2099-12-31"),
)
WANG = (
    *("account", "13900000071", "--add", "--name", "王秀兰", "--roles", "patient"),
    *("--sex", "female", "--born", "1955-03-18", "--mrn", "MR7001"),
)
LIN = ("account", "A7001", "--add", "--name", "林芳", "--roles", "admin")


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def refusal(*words: str) -> str:
    """The code of what a command says, which must be bilingual; nothing may have been stored."""
    before = Leaf.objects.count(), Person.objects.count(), Department.objects.count()
    with pytest.raises(CommandError) as said:
        run(*words)
    code, _, sentence = str(said.value).partition(": ")
    assert re.search(r"[\u4e00-\u9fff].*[a-z]", sentence), sentence
    assert (Leaf.objects.count(), Person.objects.count(), Department.objects.count()) == before
    return code


def entered() -> list[tuple[str, dict[str, str]]]:
    leaves = Leaf.objects.filter(chain_id=SYSTEM_CHAIN).order_by("seq")
    said: list[Any] = [msgspec.json.decode(bytes(leaf.data)) for leaf in leaves]
    return [(leaf["kind"], leaf["ids"]) for leaf in said]


@pytest.fixture
def hospital(db: None) -> dict[str, str]:
    """Three people of a hospital that was empty; their passwords by sign-in name."""
    forget_failures()
    run(*HEART)
    return {words[1]: run(*words) for words in (ZHAO, WANG, LIN)}


def test_a_hospital_that_was_empty_answers_its_first_patient(hospital: dict[str, str]) -> None:
    surfaces = {}
    for login, password in hospital.items():
        browser = Browser()
        assert browser.sign_in(login, password).json()["step"] == "password"
        answer = browser.post("/api/session/password", {"new": f"the ward's own {login[::-1]}"})
        assert answer.status_code == 200, answer.content
        surfaces[login] = answer.json()["surface"]
    assert surfaces == {"D7001": "doctor", "13900000071": "patient", "A7001": "admin"}
    wang, zhao = Person.objects.get(login="13900000071"), Person.objects.get(login="D7001")
    case, _ = consultations.open_consultation(
        wang, ConsultationOpen("test", client_id(), "早上头晕", "days", ["consultation", "privacy"])
    )
    assert (case.department.code, case.rounds) == ("heart", 10), "the first department is the default one"
    consultations.claim(zhao, case.id)
    assert Consultation.objects.get(chain=case.id).assignee == zhao


def test_every_entry_is_in_the_ledger_and_names_nobody(hospital: dict[str, str]) -> None:
    kinds = [kind for kind, _ in entered()]
    assert kinds == [
        *("department.added", "person.added", "licence.entered", "person.roles", "person.departments"),
        *("person.added", "person.roles") * 2,
    ]
    text = "".join(bytes(data).decode() for data in Leaf.objects.values_list("data", flat=True))
    assert not any(word in text for word in ("王秀兰", "13900000071", "MR7001", "赵文博"))


def test_a_licence_that_ends_stops_the_doctor_and_one_that_is_renewed_lets_him_on(hospital: dict[str, str]) -> None:
    zhao = Person.objects.get(login="D7001")
    consultations.licensed(zhao)
    yesterday = timezone.localdate() - timedelta(days=1)
    run("licence", "D7001", "--until", yesterday.isoformat())
    with pytest.raises(Refused, match=r"credential\.lapsed"):
        consultations.licensed(Person.objects.get(id=zhao.id))
    run("licence", "D7001", "--until", "2099-12-31", "--scope", "内科，心血管")
    renewed = Person.objects.get(id=zhao.id)
    consultations.licensed(renewed)
    assert (renewed.credential.number, renewed.credential.scope) == ("110110000007001", "内科，心血管")
    assert entered()[-1] == ("licence.entered", {"person": str(zhao.id), "number": "110110000007001", "until": "2099-12-31"})


def test_what_was_entered_wrong_is_put_right_and_the_rest_stays(hospital: dict[str, str]) -> None:
    run("account", "13900000071", "--correct", "--name", "王秀兰 ", "--born", "1955-03-19")
    wang = Person.objects.get(login="13900000071")
    assert (wang.name, wang.birth_date, wang.mrn, wang.sex) == ("王秀兰", date(1955, 3, 19), "MR7001", "female")
    assert entered()[-1] == ("person.corrected", {"person": str(wang.id), "fields": "birth_date,name"})


def test_a_department_is_changed_where_something_is_said_of_it(hospital: dict[str, str]) -> None:
    run("department", "children", "--zh", "儿科", "--en", "Paediatrics", "--default")
    run("department", "heart", "--hours", "none")
    heart, children = (Department.objects.get(code=code) for code in ("heart", "children"))
    assert (heart.name_zh, heart.reply_p50, heart.reply_p90, heart.rounds, heart.hours) == ("心内科", 40, 120, 10, None)
    assert (heart.is_default, children.is_default) == (False, True)
    assert [kind for kind, _ in entered()[-2:]] == ["department.added", "department.changed"]
    assert run("department").splitlines() == [
        "children  儿科  Paediatrics  default",
        "heart  心内科  Cardiology  answers in 40-120 min  10 rounds",
    ]


NEW = ("account", "D7002", "--add", "--name", "钱立", "--departments", "heart")


REFUSED: Final = (
    ("person.login_taken", ("account", "d7001", "--add", "--name", "赵", "--roles", "admin")),
    ("person.login", ("account", "D 7002", "--add", "--name", "赵", "--roles", "admin")),
    ("person.name", ("account", "D7002", "--add", "--roles", "admin")),
    ("person.name", ("account", "D7001", "--correct", "--name", "x" * 61)),
    ("person.sex", ("account", "D7001", "--correct", "--sex", "f")),
    ("person.birth_date", ("account", "D7001", "--correct", "--born", "2999-01-01")),
    ("argument.day", ("account", "D7001", "--correct", "--born", "18.3.1955")),
    ("person.mrn", ("account", "D7001", "--correct", "--mrn", "MR 1")),
    ("person.mrn_taken", ("account", "D7001", "--correct", "--mrn", "MR7001")),
    ("person.title", ("account", "13900000071", "--correct", "--title-zh", "主任医师")),
    ("person.nothing", ("account", "D7001", "--correct")),
    ("person.roles", NEW),
    ("person.roles", (*NEW, "--roles", "king")),
    ("person.department", ("account", "D7002", "--add", "--name", "钱立", "--roles", "lead")),
    ("department.unknown", (*NEW, "--roles", "lead", "--departments", "garden")),
    ("licence.missing", (*NEW, "--roles", "doctor")),
    ("licence.missing", ("account", "A7001", "--roles", "nurse")),
    ("licence.incomplete", (*NEW, "--roles", "doctor", "--licence", "1", "--until", "2099-12-31")),
    ("licence.incomplete", (*NEW, "--roles", "doctor", "--licence", "1", "--scope", "内科")),
    (
        "licence.taken",
        (*NEW, "--roles", "doctor", "--licence", ZHAO_LICENCE, "--scope", "x", "--until", "2099-12-31"),
    ),
    ("licence.incomplete", ("licence", "A7001", "--until", "2099-12-31")),
    ("not_found", ("licence", "nobody", "--until", "2099-12-31")),
    ("not_found", ("account", "nobody", "--close")),
    ("account.one_act", ("account", "D7001")),
    ("account.one_act", ("account", "D7001", "--close", "--sign-out")),
    ("account.one_act", ("account", "D7001", "--close", "--name", "赵")),
    ("account.one_act", ("account", "D7001", "--correct", "--until", "2099-12-31")),
    ("department.code", ("department", "Heart!", "--zh", "心", "--en", "Heart")),
    ("department.name", ("department", "lungs", "--zh", "呼吸科")),
    ("department.reply", ("department", "heart", "--reply", "120,40")),
    ("argument.numbers", ("department", "heart", "--reply", "40")),
    ("department.terms", ("department", "heart", "--rounds", "0")),
    ("department.terms", ("department", "heart", "--hours", "9000")),
)


def test_what_cannot_be_entered_is_refused_in_both_languages_and_leaves_nothing(hospital: dict[str, str]) -> None:
    assert [refusal(*words) for _, words in REFUSED] == [code for code, _ in REFUSED]


def test_wang_keeps_her_seat_when_her_name_is_corrected(cast: None) -> None:
    browser = Browser()
    assert browser.sign_in("13800000071").status_code == 200
    run("account", "13800000071", "--correct", "--name", "王秀蘭")
    assert browser.get("/api/session").json()["person"]["name"] == "王秀蘭"
