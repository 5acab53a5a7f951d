"""`manage.py department CODE`: enter a department or change it. Every change is a leaf of the system's chain."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from records import departments
from records.departments import Changes
from records.management.arguments import numbers
from records.management.refusals import refusals
from records.people import Department

# option -> the fields of the model that it sets
WORDS: Final = {"zh": "name_zh", "en": "name_en"}
NUMBERS: Final = {"reply": ("reply_p50", "reply_p90"), "rounds": ("rounds",), "hours": ("hours",)}


class Command(BaseCommand):
    help = "Enter a department, or change what is given of it; without a code: list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", help="lower case letters, digits and hyphens; never changes")
        parser.add_argument("--zh", help="its name in Chinese")
        parser.add_argument("--en", help="its name in English")
        parser.add_argument("--reply", help="minutes within which half, and nine in ten, of the answers come: 40,120, or none")
        parser.add_argument("--rounds", help="questions after an answer that belong to one consultation, or none")
        parser.add_argument("--hours", help="how long a consultation stays open after it was taken, or none")
        parser.add_argument("--default", action="store_true", help="for patients who do not know whom they need")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals():
            if options["code"] is None:
                self._list()
                return
            department, is_new = departments.put(options["code"], _changes(options))
            self.stdout.write(f"{'entered' if is_new else 'changed'} {_line(department)}")

    def _list(self) -> None:
        for department in Department.objects.order_by("-is_default", "code"):
            self.stdout.write(_line(department))


def _changes(options: dict[str, Any]) -> Changes:
    fields: dict[str, str | int | None] = {field: options[name] for name, field in WORDS.items() if options[name] is not None}
    for name, targets in NUMBERS.items():
        if options[name] is not None:
            fields |= zip(targets, numbers(options[name], len(targets)), strict=True)
    return Changes(fields=fields, is_default=options["default"])


def _line(department: Department) -> str:
    said = [department.code, department.name_zh, department.name_en]
    if department.reply_p50:
        said.append(f"answers in {department.reply_p50}-{department.reply_p90} min")
    if department.rounds:
        said.append(f"{department.rounds} rounds")
    if department.hours:
        said.append(f"{department.hours} h")
    return "  ".join([*said, *(["default"] if department.is_default else [])])
