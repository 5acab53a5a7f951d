"""Write docs/protocol from the code."""

from typing import Any

from django.core.management.base import BaseCommand

from chat_server.documents import DIRECTORY, documents


class Command(BaseCommand):
    help = "Write the OpenAPI and AsyncAPI documents of this version into docs/protocol."

    def handle(self, *args: Any, **options: Any) -> None:
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        for name, text in documents().items():
            (DIRECTORY / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/protocol/{name}")
