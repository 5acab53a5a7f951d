"""Attack 10: a backup from before a shred is restored. What was destroyed does not come back."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from celery import Celery
from celery.signals import worker_init
from django.core.management import CommandError, call_command, get_commands
from django.db import connection, transaction
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from consult import timeline
from consult.models import Consultation, Event
from records.ledger.chains import now_ms
from records.ledger.full_audit import check_all
from records.retention import holds, replaying, runs, shredding, tombstones
from records.retention.models import Tombstone
from records.retention.tombstones import TombstonesBroken
from records.vault import keys, rotation
from records.vault.models import DataKey, WrappedKey
from tests.cast import who
from tests.deployment import PATIENCE_SECONDS, ROOT, Deployment, on_postgresql
from tests.records.retention.conftest import key_of, old_case

SCRIPT = Path(__file__).with_name("long_ago.py")


def run(hospital: Deployment, *words: str) -> str:
    command = [sys.executable, str(SCRIPT), *words]
    env = {**hospital.env, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def backup(hospital: Deployment) -> Callable[[], None]:
    """Copy the database as it is now; return what puts the copy in its place."""
    if not on_postgresql():
        copy, database = hospital.data / "backup.sqlite3", hospital.data / "xinqiao.sqlite3"
        shutil.copy(database, copy)
        return lambda: _put_back(copy, database)
    url = hospital.env["DATABASE_URL"]
    name = str(conninfo_to_dict(url)["dbname"])
    _administer(url, (f"{name}_copy", "CREATE DATABASE {} TEMPLATE {}", name))
    drop = (name, "DROP DATABASE {} WITH (FORCE)", None)
    return lambda: _administer(
        url,
        drop,
        (name, "CREATE DATABASE {} TEMPLATE {}", f"{name}_copy"),
        (f"{name}_copy", "DROP DATABASE {} WITH (FORCE)", None),
    )


def _put_back(copy: Path, database: Path) -> None:
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()
    shutil.copy(copy, database)


def _administer(url: str, *statements: tuple[str, str, str | None]) -> None:
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as admin:
        for subject, statement, model in statements:
            names = [sql.Identifier(found) for found in (subject, model) if found]
            admin.execute(sql.SQL(statement).format(*names))


@pytest.mark.heavy
def test_a_backup_from_before_a_shred_does_not_bring_the_words_back(hospital: Deployment) -> None:
    case = run(hospital)
    put_back = backup(hospital)
    shown = hospital.manage("retention", "--dry-run")
    assert case in shown
    hospital.manage("retention", "--confirm", shown.split()[-1])
    assert "1 destroyed" in hospital.manage("retention", "--run")
    assert run(hospital, case) == "gone"
    put_back()
    assert run(hospital, case) == "readable", "the backup has it all, as an attacker would find it"
    hospital.start("--no-worker").stop()
    assert run(hospital, case) == "gone"


def test_wrapped_keys_that_are_restored_alone_go_again(cast: None) -> None:
    case = old_case(6)
    kept = WrappedKey.objects.get(key=key_of(case.id))
    runs.begin(runs.preview().digest, None)
    runs.work()
    kept.save(force_insert=True)
    assert replaying.replay() == 1
    assert not WrappedKey.objects.filter(key=kept.key_id).exists()
    assert Tombstone.objects.count() == 1
    assert replaying.replay() == 0
    assert check_all().findings == []


def test_a_lost_file_is_written_again_from_the_database(cast: None) -> None:
    case = old_case(6)
    runs.begin(runs.preview().digest, None)
    runs.work()
    tombstones.path().unlink(missing_ok=True)
    replaying.replay()
    assert [line.key for line in tombstones.read()] == [key_of(case.id)]


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_a_shred_that_was_rolled_back_is_in_no_file_and_is_not_done_again(cast: None) -> None:
    """Somebody may place a hold afterwards, and the next start neither destroys what is held nor stops at it."""
    case, gone = old_case(6), old_case(7, patient="wu")
    with suppress(ConnectionError), transaction.atomic():
        shredding.shred(key_of(case.id), "maximum")
        raise ConnectionError
    shredding.shred(key_of(gone.id), "maximum")
    assert [line.key for line in tombstones.read()] == [key_of(gone.id)]
    holds.place(who("zhou"), patient=None, case=case.id, reason="保全")
    assert replaying.replay() == 0
    assert WrappedKey.objects.filter(key=key_of(case.id)).exists()


@pytest.mark.once
def test_an_unfinished_last_line_is_none_and_the_next_takes_its_place(cast: None) -> None:
    """A full disk, or a power cut. Nobody was told that it is destroyed."""
    first, torn, last = (tombstones.withdrawn(uuid4(), uuid4()) for _ in range(3))
    tombstones.remember([first])
    whole = tombstones.path().read_bytes()
    tombstones.remember([torn])
    tombstones.path().write_bytes(tombstones.path().read_bytes()[: len(whole) + 100])
    assert tombstones.read() == [first]
    tombstones.remember([last])
    assert tombstones.read() == [first, last]
    tombstones.path().write_bytes(whole[:9])
    tombstones.remember([last])
    assert tombstones.read() == [last]


@pytest.mark.once
def test_the_database_is_asked_of_some_lines_at_a_time(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite answers a question about 250,000 keys, and no more."""
    case = from_before_a_shred()
    tombstones.remember([tombstones.withdrawn(uuid4(), uuid4()) for _ in range(20)])
    monkeypatch.setattr(replaying, "CHUNK", 4)
    asked = []

    def note(run: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        asked.append(len(values or ()))
        return run(statement, values, many, context)

    with monkeypatch.context() as patch, connection.execute_wrapper(note):
        patch.setattr(shredding, "shred", lambda *_: None)
        assert replaying.replay() == 1
    assert WrappedKey.objects.filter(key=key_of(case.id)).exists()
    assert max(asked) == 4


@pytest.mark.once
def test_an_altered_file_stops_the_start(cast: None) -> None:
    old_case(6)
    runs.begin(runs.preview().digest, None)
    runs.work()
    replaying.write_missing()
    text = tombstones.path().read_text()
    tombstones.path().write_text(text.replace('\\"seq\\":', '\\"seq\\":1'))
    with pytest.raises(TombstonesBroken):
        replaying.replay()


class Worker:
    """What Celery names when a worker of its own begins."""

    app = Celery("a worker's", set_as_current=False)


@pytest.mark.once
def test_no_worker_begins_while_what_is_back_cannot_go_again(cast: None) -> None:
    """Celery tells whoever listens that a worker begins, and goes on whatever Exception they raise."""
    tombstones.path().write_text("damaged\n")
    with pytest.raises(SystemExit, match=r"cannot be destroyed again: .* damaged"):
        worker_init.send(sender=Worker())


@pytest.mark.long
@pytest.mark.once
def test_a_real_worker_does_not_start_either(hospital: Deployment) -> None:
    (hospital.data / "keys" / "tombstones.log").write_text("damaged\n")
    command = [sys.executable, "-m", "celery", "-A", "chat_server", "worker", "--pool", "solo"]
    done = subprocess.run(
        command, env=hospital.env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode != 0
    assert "cannot be destroyed again" in done.stderr


def test_a_key_that_is_back_and_cannot_go_again_stops_the_start(cast: None) -> None:
    """Such as the key of a case that the backup knows to be open."""
    case = old_case(6, summary=None)
    key = DataKey.objects.get(scope=case.id)
    tombstones.remember([tombstones.Line(now_ms(), key.id, case.id, 1)])
    with pytest.raises(TombstonesBroken):
        replaying.replay()
    assert WrappedKey.objects.filter(key=key).exists()


# Every command that opens a key or reads what one sealed, and the words that make it do so.
OPENING = (
    ("verify_ledger",),
    ("rotate_keys",),
    ("rotate_keys", "--status"),
    ("rotate_keys", "--retire", "99"),
    ("retention", "--dry-run"),
    ("retention", "--replay"),
    ("sequence", "--once"),
    ("account", "nobody", "--sign-out"),
    ("exchange", "take"),
    ("seed_demo",),
)
# `serve` is tried on a real copy above; these open no key of a hospital.
OTHERS = {"serve", "monitor", "witness", "write_protocol", "department", "licence"}
OURS = {"chat_server", "consult", "transcription", "records"}


def from_before_a_shred() -> Consultation:
    """The database of a moment before a shred, and the file of a moment after it: what a restore of the database leaves."""
    case = old_case(6)
    with transaction.atomic():
        stone = shredding.shred(key_of(case.id), "maximum")
        transaction.set_rollback(True)
    tombstones.remember([tombstones.line_of(stone)])
    assert timeline.body_of(Event.objects.filter(thread=case.id)[0]), "the backup has it all"
    return case


def test_no_command_is_forgotten() -> None:
    ours = {name for name, app in get_commands().items() if app in OURS}
    assert ours == {words[0] for words in OPENING} | OTHERS


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("words", OPENING, ids=" ".join)
def test_every_command_first_destroys_what_is_back(cast: None, demo_on: None, words: tuple[str, ...]) -> None:
    case = from_before_a_shred()
    with suppress(CommandError, SystemExit):
        call_command(*words, stdout=StringIO())
    keys.cache.clear()
    assert not WrappedKey.objects.filter(key=key_of(case.id)).exists(), "neither left nor wrapped again"
    assert not Event.objects.filter(thread=case.id).exclude(body=b"").exists()
    assert Tombstone.objects.get().scope == case.id


@pytest.mark.once
def test_what_cannot_go_again_is_not_wrapped_again_and_verifying_says_so(cast: None) -> None:
    case = old_case(6, summary=None)
    key = DataKey.objects.get(scope=case.id)
    tombstones.remember([tombstones.Line(now_ms(), key.id, case.id, 1)])
    before, wrapped = rotation.current(), bytes(WrappedKey.objects.get(key=key).wrapped)
    for words in OPENING[1:-1]:
        with pytest.raises(CommandError, match="cannot be destroyed again"):
            call_command(*words, stdout=StringIO())
    assert rotation.current() == before
    assert bytes(WrappedKey.objects.get(key=key).wrapped) == wrapped
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_ledger", "--language", "en", stdout=out)
    assert "tombstones.log is damaged" in out.getvalue()
    assert "0 ciphertexts compared" in out.getvalue()
