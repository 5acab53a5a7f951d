"""`manage.py account LOGIN`: what an operator does for, or about, one person. Every act is a leaf of the system's chain."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.management.base import BaseCommand

from records import departments, sessions
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.identity import accounts, enrolment, factors
from records.identity.enrolment import Details, Licence
from records.management.arguments import day, parts
from records.management.refusals import refusals
from records.management.tombstones import replay_tombstones
from records.people import Person, Role

ONE_ACT: Final = ErrorKind(
    "account.one_act",
    422,
    "一次只做一件事；姓名等资料只用于 --add 和 --correct，资质只用于 --add。",
    "One act at a time; a name and the like go with --add and --correct, a licence with --add.",
)
DETAILS: Final = ("name", "sex", "birth_date", "mrn", "title_zh", "title_en")
LICENCE: Final = ("licence", "scope", "until")


class Command(BaseCommand):
    help = "Enter one person, or change how they sign in and what they may act as; then their sessions end and sockets close at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="the sign-in name: a phone number for patients, a staff number for staff")
        act = parser.add_argument_group("acts, one at a time")
        act.add_argument("--add", action="store_true", help="enter somebody and print a password for one sign-in, once")
        act.add_argument("--correct", action="store_true", help="put right what was entered")
        act.add_argument(
            "--reset-factors", action="store_true", help="forget every second factor: the next sign-in sets one up"
        )
        act.add_argument("--new-password", action="store_true", help="make a password for one sign-in and print it, once")
        act.add_argument("--sign-out", action="store_true", help="end every session")
        act.add_argument("--roles", help=f"exactly these roles (also with --add): {','.join(Role.values)}")
        act.add_argument("--departments", help="exactly these departments (also with --add), by code, separated by commas")
        act.add_argument("--close", action="store_true", help="close the account; what it had in hand goes to others")
        about = parser.add_argument_group("with --add and --correct")
        about.add_argument("--name")
        about.add_argument("--sex", help="female or male")
        about.add_argument("--born", dest="birth_date", help="YYYY-MM-DD")
        about.add_argument("--mrn", help="medical record number")
        about.add_argument("--title-zh", help="主治医师")
        about.add_argument("--title-en", help="Attending physician")
        licence = parser.add_argument_group("with --add, for doctors and nurses; later: manage.py licence")
        licence.add_argument("--licence", help="its number")
        licence.add_argument("--scope", help="内科 Internal medicine")
        licence.add_argument("--until", help="its last day, YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        replay_tombstones()  # what somebody has in hand is handed on in words that a key seals
        with refusals():
            self.stdout.write(_done(options))


def _done(options: Mapping[str, Any]) -> str:
    act = _act(options)
    if act == "add":
        return _add(options)
    person = Person.objects.filter(login=options["login"]).first()
    if person is None:
        raise Refused(NOT_FOUND)
    return ACTS[act](person, options)


def _act(options: Mapping[str, Any]) -> str:
    """The one act that is asked for. Raises Refused(ONE_ACT)."""
    asked = {name for name in ("add", *ACTS) if options[name] not in (None, False)}
    given = {name for name in (*DETAILS, *LICENCE) if options[name] is not None}
    if "add" in asked:
        asked -= {"roles", "departments"}
        given.clear()
    elif "correct" in asked:
        given -= set(DETAILS)
    if len(asked) != 1 or given:
        raise Refused(ONE_ACT)
    return asked.pop()


def _add(options: Mapping[str, Any]) -> str:
    licence = Licence(number=options["licence"], scope=options["scope"], until=day(options["until"]))
    _, password = enrolment.add(
        options["login"],
        _details(options),
        roles=parts(options["roles"]),
        departments=departments.coded(parts(options["departments"])),
        licence=licence if any(options[name] for name in LICENCE) else None,
    )
    return password


def _details(options: Mapping[str, Any]) -> Details:
    return Details(**{name: options[name] for name in DETAILS} | {"birth_date": day(options["birth_date"])})


def _correct(person: Person, options: Mapping[str, Any]) -> str:
    enrolment.correct(person, _details(options))
    return "corrected"


def _reset_factors(person: Person, _: Mapping[str, Any]) -> str:
    factors.forget_all(person)
    sessions.end_elsewhere(person)
    return "no second factor any more"


def _new_password(person: Person, _: Mapping[str, Any]) -> str:
    return accounts.new_password(person)


def _sign_out(person: Person, _: Mapping[str, Any]) -> str:
    return f"{sessions.end_elsewhere(person)} sessions ended"


def _roles(person: Person, options: Mapping[str, Any]) -> str:
    roles = parts(options["roles"])
    accounts.set_roles(person, roles)
    return f"acts as {', '.join(sorted(roles))}"


def _departments(person: Person, options: Mapping[str, Any]) -> str:
    codes = parts(options["departments"])
    accounts.set_departments(person, departments.coded(codes))
    return f"belongs to {', '.join(sorted(codes)) or 'no department'}"


def _close(person: Person, _: Mapping[str, Any]) -> str:
    sessions.deactivate(person)
    return "closed"


ACTS: Mapping[str, Callable[[Person, Mapping[str, Any]], str]] = {
    "correct": _correct,
    "reset_factors": _reset_factors,
    "new_password": _new_password,
    "sign_out": _sign_out,
    "roles": _roles,
    "departments": _departments,
    "close": _close,
}
