"""People as others see them."""

from datetime import date

import pytest

from records.people import Person, Role, RoleGrant
from records.views import BRIEF, brief, main_department, masked, patient_brief
from tests.cast import id_of, who


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王秀兰", "王*兰"), ("赵文", "赵*"), ("欧阳娜娜", "欧*娜"), ("李", "*"), ("", "*"), ("Ann Lee", "A* L*"), ("Bo", "B*")],
)
def test_a_masked_name_keeps_at_most_its_ends(name: str, shown: str) -> None:
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1955, 3, 18), date(2026, 3, 17), 70),
        (date(1955, 3, 18), date(2026, 3, 18), 71),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (None, date(2026, 1, 1), None),
    ],
)
def test_age_counts_completed_years(born: date | None, day: date, age: int | None) -> None:
    assert Person(birth_date=born).age_on(day) == age


def test_a_patient_is_shown_with_the_tail_of_her_number_only(cast: None) -> None:
    shown = patient_brief(who("wang"))
    assert (shown["name"], shown["mrn_tail"], shown["sex"], shown["department"], shown["title"]) == (
        "王秀兰",
        "0471",
        "female",
        None,
        None,
    )
    assert "MR20190471" not in str(shown)


def test_a_doctor_of_two_departments_is_shown_with_the_speciality(cast: None) -> None:
    department = main_department(who("zhao"))
    assert department is not None
    assert department.code == "cardiology"


def test_somebody_of_several_roles_is_shown_in_the_one_that_matters_most(cast: None) -> None:
    qian = who("qian")
    RoleGrant.objects.create(person=qian, role=Role.LEAD)
    again = Person.objects.get(id=qian.id)
    assert again.role_set == {"doctor", "lead"}
    assert again.main_role == "lead"


def test_a_list_of_people_costs_no_query_a_person(cast: None, django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(1 + len(BRIEF)):  # type: ignore[operator]
        rows = [brief(person) for person in Person.objects.prefetch_related(*BRIEF)]
    assert len(rows) == Person.objects.count()
    assert str(id_of("zhao")) in {str(row["id"]) for row in rows}
