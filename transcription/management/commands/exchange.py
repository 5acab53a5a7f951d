"""`manage.py exchange`: telephone exchanges that hand over recorded follow-up calls (docs/operations.md).

manage.py exchange add NAME      prints its token and its secret, once
manage.py exchange revoke NAME   it is not heard any more
manage.py exchange list
manage.py exchange take          takes what lies in the folders now, as the worker does every half minute
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from records.management.refusals import refusals
from records.management.tombstones import replay_tombstones
from transcription import exchanges, folder
from transcription.exchanges import Exchange

ACTS: Final = ("add", "revoke", "list", "take")


class Command(BaseCommand):
    help = "Let telephone exchanges hand over recorded follow-up calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=ACTS)
        parser.add_argument("name", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        replay_tombstones()
        with refusals():
            getattr(self, f"_{options['act']}")(options["name"])

    def _add(self, name: str) -> None:
        given = exchanges.add(name)
        self.stdout.write(f"token: {given.token}\nsecret: {given.secret}\nThey are not shown again.")

    def _revoke(self, name: str) -> None:
        exchanges.revoke(name)

    def _list(self, name: str) -> None:
        for row in Exchange.objects.order_by("name"):
            self.stdout.write(f"{row.name}  {'revoked' if row.revoked_at else 'active'}  since {row.added_at:%Y-%m-%d}")

    def _take(self, name: str) -> None:
        self.stdout.write(f"{folder.take_all()} calls were taken.")
