"""`manage.py serve`: the web server and, in the embedded deployment, its workers, in one process."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from chat_server import background, checks
from records import demo
from records.management.tombstones import replay_tombstones
from records.vault import KeyringError, unlock

# Loaded when chosen: uvicorn is an extra.
SERVERS = {"daphne": "chat_server.web.server", "uvicorn": "chat_server.uvicorn_web.server"}


class Command(BaseCommand):
    help = "Serve HTTP and WebSockets; without --no-worker also run the jobs in threads beside the server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="0 picks a free one (default: %(default)s)")
        parser.add_argument("--unix", help="path of a UNIX socket to listen on instead")
        parser.add_argument("--server", choices=["daphne", "uvicorn"], default="daphne", help="default: %(default)s")
        parser.add_argument("--no-worker", action="store_true", help="jobs run elsewhere (production)")

    def handle(self, *args: Any, **options: Any) -> None:
        bind = options["unix"] or options["host"]
        checks.refuse_open_demo(bind)
        os.environ["XINQIAO_BIND"] = bind  # for asgi.py, which asks the same question when another server loads it
        self.refuse_locked_vault()
        self.refuse_old_tables()
        try:
            replay_tombstones()
        finally:
            connections[DEFAULT_DB_ALIAS].close()
        application = import_string(settings.ASGI_APPLICATION)  # loads every consumer
        make = import_string(SERVERS[options["server"]])
        server = make(application, options["host"], options["port"], options["unix"], announce=self.announce)
        if not options["no_worker"]:
            background.start()
        try:
            server.run()
        finally:
            finished = background.stop()
        if server.abort_start:
            raise CommandError(f"Cannot listen on {bind}:{options['port']}: is another server running there?")
        if not finished:
            # Pool threads would keep the interpreter until their job ends; the job's row brings it back instead.
            sys.stdout.flush()
            os._exit(0)

    def refuse_locked_vault(self) -> None:
        """Without usable keys every page would fail: better no server than that."""
        try:
            unlock()
        except KeyringError as error:
            raise CommandError(str(error)) from error

    def refuse_old_tables(self) -> None:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        connections[DEFAULT_DB_ALIAS].close()
        if missing:
            raise CommandError(f"{len(missing)} migrations are not applied: run `manage.py migrate` first.")

    def announce(self, address: str) -> None:
        self.stdout.write(f"Xinqiao 信桥  {address}")
        if settings.XINQIAO_DEMO:
            self.stdout.write("\n".join(demo.introductions()))
        self.stdout.flush()
