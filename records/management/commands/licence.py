"""`manage.py licence LOGIN`: enter somebody's licence to practise, renew it, or end it with a day that is past."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from records.errors import NOT_FOUND, Refused
from records.identity import licences
from records.management.arguments import day
from records.management.refusals import refusals
from records.people import Person


class Command(BaseCommand):
    help = "Enter a licence, or change what is given of it. Nobody replies after its last day. A leaf of the system's chain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="the sign-in name")
        parser.add_argument("--number")
        parser.add_argument("--scope", help="内科 Internal medicine")
        parser.add_argument("--until", help="its last day, YYYY-MM-DD", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals():
            person = Person.objects.filter(login=options["login"]).first()
            if person is None:
                raise Refused(NOT_FOUND)
            entered = licences.enter(person, options["number"], options["scope"], day(options["until"]))
            self.stdout.write(f"{entered.number}  {entered.scope}  until {entered.expires_on:%Y-%m-%d}")
