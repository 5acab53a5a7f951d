"""`manage.py seed_demo`: the demo hospital. Repeating it changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from consult.demo import seed_consultation
from records import demo
from records.demo_charts import seed_charts
from records.management.tombstones import replay_tombstones


class Command(BaseCommand):
    help = "Make the demo hospital: departments, people, charts, one closed consultation. Needs XINQIAO_DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.XINQIAO_DEMO:
            raise CommandError("seed_demo makes accounts with a known password: set XINQIAO_DEMO=1 first.")
        replay_tombstones()
        with transaction.atomic():
            demo.seed_people()
            seed_charts()
            seed_consultation()
        self.stdout.write(f"{len(demo.CAST)} demo people are there.")
