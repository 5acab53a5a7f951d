"""On PostgreSQL the server works as a role that may add to the ledger and change nothing in it, not even by taking the guards away."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.consult.device import device
from tests.deployment import ROOT, Deployment, Server

pytestmark = [pytest.mark.production, pytest.mark.heavy]
SCRIPT = ROOT / "deploy" / "postgresql-roles.sql"
GUARDED = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only_' || tgrelid::regclass"


class Roles(NamedTuple):
    hospital: Deployment
    admin: str
    application: str


@pytest.fixture
def roles(hospital: Deployment) -> Iterator[Roles]:
    """A hospital whose server works as the application's role; both roles are gone afterwards."""
    admin = hospital.env["DATABASE_URL"]
    name = str(conninfo_to_dict(admin)["dbname"])
    owner, application = f"{name}_owner", f"{name}_app"
    divide(admin, owner, application)
    env = {**hospital.env, "DATABASE_URL": as_role(admin, application)}
    yield Roles(Deployment(hospital.data, env, hospital.servers), admin, env["DATABASE_URL"])
    hospital.end()
    with psycopg.connect(admin, autocommit=True) as connection:
        for role in (application, owner):
            connection.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(role)))
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def divide(admin: str, owner: str, application: str) -> None:
    """As an operator does, with names of this test's own."""
    options = f"-c xinqiao.owner={owner} -c xinqiao.application={application}"
    words = ["psql", "-v", "ON_ERROR_STOP=1", "-q", "-f", str(SCRIPT), make_conninfo(admin, options=options)]
    for _ in range(2):  # again after every migration: it changes nothing then
        subprocess.run(words, check=True, capture_output=True, text=True)


def as_role(url: str, role: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{role}@{rest.partition('@')[2]}"


@contextmanager
def refused(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        yield connection


def test_the_application_cannot_change_what_was_recorded_nor_take_the_guards_away(roles: Roles) -> None:
    with psycopg.connect(roles.admin) as connection:
        guarded = [row[0] for row in connection.execute(GUARDED)]
    assert {"records_leaf", "records_treeentry", "records_checkpoint", "records_cosignature", "consult_event"} <= set(guarded)
    for table in guarded:
        for statement in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TRIGGER append_only_{table} ON {table}",
            f"DROP TABLE {table} CASCADE",
        ):
            with refused(roles.application) as connection:
                connection.execute(statement)
    for statement in (
        "UPDATE records_leaf SET data = data",
        "UPDATE consult_event SET seq = seq",
        "CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TABLE public.mine (id int)",
        "SET session_replication_role = replica",
    ):
        with refused(roles.application) as connection:
            connection.execute(statement)


async def speaks(server: Server) -> None:
    """Wang asks, Dr Zhao takes her case, both speak."""
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await wang.open()
        for doing in (
            zhao.ask("consultation.claim", consultation=case),
            wang.say(case, "早上头晕"),
            zhao.say(case, "量血压了吗？"),
        ):
            answer = await doing
            assert answer["type"] == "ack", answer


def test_the_hospital_works_as_that_role_and_says_which_role_it_is(roles: Roles) -> None:
    asyncio.run(speaks(roles.hospital.start()))
    roles.hospital.manage("sequence", "--once")
    assert "The ledger is intact." in roles.hospital.manage("verify_ledger", "--language", "en")
    assert "records.W001" not in warned(roles.hospital.env)
    assert "records.W001" in warned({**roles.hospital.env, "DATABASE_URL": roles.admin})


def warned(env: Mapping[str, str]) -> str:
    """What the checks say of the database."""
    words = [sys.executable, str(ROOT / "manage.py"), "check", "--database", "default"]
    return subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True, check=True).stderr
