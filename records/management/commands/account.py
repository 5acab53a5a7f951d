"""`manage.py account LOGIN`: what an operator does for, or about, one person. Every act is a leaf of the system's chain."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from records import sessions
from records.identity import accounts, factors
from records.management.tombstones import replay_tombstones
from records.people import Department, Person, Role


class Command(BaseCommand):
    help = "Change how one person signs in and what they may act as. Their sessions end and their sockets close at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="the sign-in name")
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument(
            "--reset-factors", action="store_true", help="forget every second factor: the next sign-in sets one up"
        )
        act.add_argument("--new-password", action="store_true", help="make a password and print it, once")
        act.add_argument("--sign-out", action="store_true", help="end every session")
        act.add_argument("--roles", help=f"exactly these roles: {','.join(Role.values)}")
        act.add_argument("--departments", help="exactly these departments, by code, separated by commas")
        act.add_argument("--close", action="store_true", help="close the account; what it had in hand goes to others")

    def handle(self, *args: Any, **options: Any) -> None:
        replay_tombstones()  # what somebody has in hand is handed on in words that a key seals
        person = Person.objects.filter(login=options["login"]).first()
        if person is None:
            raise CommandError("there is nobody with this sign-in name")
        name = next(name for name in ACTS if options[name])
        self.stdout.write(ACTS[name](person, options[name]))


def _reset_factors(person: Person, _: Any) -> str:
    factors.forget_all(person)
    sessions.end_elsewhere(person)
    return "no second factor any more"


def _new_password(person: Person, _: Any) -> str:
    return accounts.new_password(person)


def _sign_out(person: Person, _: Any) -> str:
    return f"{sessions.end_elsewhere(person)} sessions ended"


def _roles(person: Person, value: str) -> str:
    roles = set(value.split(","))
    if unknown := roles - set(Role.values):
        raise CommandError(f"no such role: {', '.join(sorted(unknown))}")
    accounts.set_roles(person, roles)
    return f"acts as {', '.join(sorted(roles))}"


def _departments(person: Person, value: str) -> str:
    codes = set(value.split(","))
    found = list(Department.objects.filter(code__in=codes))
    if unknown := codes - {one.code for one in found}:
        raise CommandError(f"no such department: {', '.join(sorted(unknown))}")
    accounts.set_departments(person, found)
    return f"belongs to {', '.join(sorted(codes))}"


def _close(person: Person, _: Any) -> str:
    sessions.deactivate(person)
    return "closed"


ACTS: Mapping[str, Callable[[Person, Any], str]] = {
    "reset_factors": _reset_factors,
    "new_password": _new_password,
    "sign_out": _sign_out,
    "roles": _roles,
    "departments": _departments,
    "close": _close,
}
