"""Keys are rotated without touching content, and a rotation that is cut off is finished by the next."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from consult import timeline
from consult.protocol import MessageSend
from consult.writing import posting
from consult.writing.writer import writer
from records import vault
from records.ledger.chains import now_ms
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.vault import Context, KeyringError, Retention, keys, rotation
from records.vault.keyring.file import FileKeyring
from records.vault.models import WrappedKey
from tests.append_only import guards_lifted
from tests.cast import cast, client_id, consultation, flipped, id_of
from tests.deployment import ROOT, Deployment, wait_until

__all__ = ["cast"]

pytestmark = pytest.mark.usefixtures("ring")


@pytest.fixture
def sealed(db: None) -> tuple[vault.OpenKey, Context, bytes]:
    key = vault.data_key(uuid4(), Retention.DIALOGUE)
    context = Context("message.posted", key.scope, 1, None, "client-id-000001", "application/json")
    return key, context, vault.seal(key, context, "早上头晕".encode())


def rotate() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def rotations() -> list[dict[str, str]]:
    leaves = Leaf.objects.filter(kind="key.rotated").order_by("seq")
    return [parse(bytes(leaf.data)).ids for leaf in leaves]


def test_every_data_key_moves_and_no_content_changes(sealed: tuple[vault.OpenKey, Context, bytes]) -> None:
    key, context, blob = sealed
    before = rotation.current()[1]
    others = [vault.data_key(uuid4(), Retention.RECORD) for _ in range(3)]
    rotate()
    keys.cache.clear()
    assert rotation.current()[1] == before + 1
    assert set(WrappedKey.objects.values_list("kek_version", flat=True)) == {before + 1}
    assert vault.open_key(key.id) == key
    assert vault.unseal(vault.open_key(key.id), context, blob) == "早上头晕".encode()
    assert [vault.open_key(other.id) for other in others] == others
    assert rotations()[-1] == {"kek": rotation.current()[0], "version": str(before + 1), "keys": "4"}


def test_a_rotation_cut_off_before_its_leaf_is_finished_and_not_begun_again(sealed: object) -> None:
    version = rotation.begin()
    rotation.rewrap_all()
    rotate()
    assert rotation.current()[1] == version
    rotate()
    assert rotation.current()[1] == version + 1
    assert [ids["version"] for ids in rotations()] == [str(version), str(version + 1)]


def test_a_row_that_somebody_else_changed_meanwhile_is_left_alone(sealed: tuple[vault.OpenKey, Context, bytes]) -> None:
    row = WrappedKey.objects.get(key=sealed[0].id)
    rotation.begin()
    rotation.rewrap_all()
    kept = bytes(WrappedKey.objects.get(key=row.key_id).wrapped)
    assert not rotation._rewrap(row, rotation.current())
    assert bytes(WrappedKey.objects.get(key=row.key_id).wrapped) == kept


def test_a_damaged_row_is_named_and_does_not_stop_the_others(sealed: tuple[vault.OpenKey, Context, bytes]) -> None:
    damaged, good = (vault.data_key(uuid4(), Retention.DIALOGUE) for _ in range(2))
    row = WrappedKey.objects.get(key=damaged.id)
    with guards_lifted():
        WrappedKey.objects.filter(key=row.key_id).update(wrapped=flipped(bytes(row.wrapped)))
    with pytest.raises(CommandError, match=str(damaged.id)):
        rotate()
    current = rotation.current()[1]
    assert WrappedKey.objects.get(key=good.id).kek_version == current
    assert WrappedKey.objects.get(key=damaged.id).kek_version < current
    assert rotations() == []


def test_an_old_version_with_rows_left_cannot_be_retired(sealed: tuple[vault.OpenKey, Context, bytes]) -> None:
    old = rotation.current()[1]
    rotation.begin()
    later = now_ms() + rotation.SETTLE_MS + 1000
    with pytest.raises(KeyringError, match=r"kek\.in_use"):
        rotation.retire(old, later)
    rotate()
    with pytest.raises(KeyringError, match=r"kek\.too_soon"):
        rotation.retire(old, now_ms())
    rotation.retire(old, later)
    assert old not in rotation.versions()
    keys.cache.clear()
    assert vault.open_key(sealed[0].id) == sealed[0]


A_MOMENT = 0.01


@dataclass
class Ward:
    """People who talk, read and open cases until it is `over`, or until something goes wrong for one of them."""

    cases: dict[str, UUID]
    over: threading.Event = field(default_factory=threading.Event)
    read: Counter[int] = field(default_factory=Counter)

    def speak(self, who: str) -> None:
        posting.commit(id_of(who), None, MessageSend("m", self.cases[who], client_id(), "血压 152/95"))

    def read_all(self, reader: int) -> None:
        """As a server that was just started: no key is open."""
        keys.cache.clear()
        for case in self.cases.values():
            page = timeline.since(case, 0)
            assert len(page.events) == page.upto > 0
        self.read[reader] += 1

    def open_one(self) -> None:
        with transaction.atomic():
            vault.data_key(uuid4(), Retention.DIALOGUE)

    def until_over(self, act: Callable[[], None]) -> None:
        try:
            while not self.over.wait(A_MOMENT):
                act()
        finally:
            self.over.set()
            connection.close()

    def have_read(self, seen: Counter[int]) -> bool:
        return self.over.is_set() or all(self.read[reader] > seen[reader] for reader in range(2))


@pytest.mark.django_db(transaction=True)
def test_while_keys_are_rotated_nobody_fails_to_read_or_to_write(cast: None) -> None:
    """Each version is added by another process, as `rotate_keys` is one."""
    ward = Ward({who: consultation(who, "zhao").id for who in ("wang", "li")})
    acts: list[Callable[[], None]] = [
        *(partial(ward.speak, who) for who in ward.cases),
        *(partial(ward.read_all, n) for n in range(2)),
        ward.open_one,
    ]
    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(ward.until_over, act) for act in acts]
        for version in range(2, 6):
            assert FileKeyring(settings.XINQIAO_KEYFILE).rotate() == version
            assert rotation.rewrap_all().broken == ()
            wait_until(partial(ward.have_read, ward.read.copy()), 120, "everything to be read again")
        ward.over.set()
    writer.stop()
    for act in running:
        act.result()
    rotation.rewrap_all()
    assert rotation.remaining() == 0
    assert {version for version, count in rotation.versions().items() if count} == {5}


MAKE_KEYS = """
import uuid
from django.db import transaction
from records import vault
with transaction.atomic():
    for _ in range(600):
        vault.data_key(uuid.uuid4(), "dialogue")
"""
STATE = """
from records import vault
from records.ledger.models import Leaf
from records.vault.models import WrappedKey
versions = sorted(WrappedKey.objects.values_list("kek_version", flat=True))
opened = [vault.open_key(key.key_id) for key in WrappedKey.objects.all()]
print(versions[0], versions[-1], len(opened) == len(versions), Leaf.objects.filter(kind="key.rotated").count())
"""


def test_kill_in_the_middle_of_a_rotation_then_run_it_again(hospital: Deployment) -> None:
    hospital.manage("shell", "-v", "0", "-c", MAKE_KEYS)
    words = [sys.executable, "manage.py", "rotate_keys"]
    with subprocess.Popen(words, cwd=ROOT, env=hospital.env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "500 data keys" in running.stdout.readline()
        running.kill()
    assert hospital.manage("shell", "-v", "0", "-c", STATE).split() == ["1", "2", "True", "0"]
    hospital.manage("rotate_keys")
    assert hospital.manage("shell", "-v", "0", "-c", STATE).split() == ["2", "2", "True", "1"]
