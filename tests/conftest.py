"""What every test may ask for. Back-ends come from the environment, so no test chooses one."""

import gc
import os
import shutil
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from records import accesslog
from records.ledger import chains
from records.ledger.models import Leaf
from tests import append_only, templates
from tests.deployment import Deployment, new_deployment

append_only.install()
gc.set_threshold(
    50_000, 20, 50
)  # a quarter of the time in which a worker collects its tests went into looking over what is imported

FEW = 2
ROUNDS = int(os.environ.get("XINQIAO_FAULT_ROUNDS", FEW))
# The same examples at every `make test`; new ones at every `make faults`, whose failures are worth more than its calm.
# No example has a time limit: a machine that does other things would decide which one fails.
hypothesis.settings.register_profile(
    "xinqiao",
    derandomize=ROUNDS <= FEW,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("xinqiao")

FAULTS = Path(__file__).parent / "faults"
BACK_END = {"db", "transactional_db", "django_db_setup", "hospital_template"}  # fixtures; the last one starts every server


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run; xdist's workers are part of their parent's, whose environment they have."""
    config.add_cleanup(templates.begin())


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what holds on the other back-end only, leave out what one run is enough for, and put last what is heavy, as every fault is."""
    elsewhere = "production" if settings.EMBEDDED else "embedded"
    for item in items:
        if FAULTS in item.path.parents:
            item.add_marker(pytest.mark.heavy)
        if item.get_closest_marker(elsewhere):
            item.add_marker(pytest.mark.skip(reason=f"holds on the {elsewhere} back-end only"))
    if not settings.EMBEDDED:
        items[:] = [item for item in items if item.get_closest_marker("production") or not the_same_on_both(item)]
    items.sort(key=lambda item: item.get_closest_marker("heavy") is not None)


def the_same_on_both(item: pytest.Item) -> bool:
    """Whether a test says so itself, or asks for no fixture that has a back-end."""
    asked = BACK_END.intersection(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("once")) or not (asked or item.get_closest_marker("django_db"))


@pytest.fixture(scope="session", autouse=True)
def key_files() -> None:
    """The key files of this process, as an operator makes them: in production the server makes none by itself."""
    call_command("rotate_keys", "--create", stdout=StringIO())


@pytest.fixture(scope="session", autouse=True)
def every_leaf_is_placed() -> None:
    """Whatever a test has recorded, somebody decided whether the access log shows it (records/accesslog/kinds.py)."""
    chains.on_stored.append(_placed)


def _placed(leaves: Sequence[Leaf]) -> None:
    unplaced = sorted({leaf.kind for leaf in leaves if not accesslog.placed(leaf.kind)})
    assert not unplaced, f"neither an act of access nor known as none, or both: {unplaced}"


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many seeds a fault is tried with: few in `make test`, twenty in `make faults`."""
    return ROUNDS


@pytest.fixture(scope="session")
def dear_rounds() -> int:
    """Rounds of what takes many seconds: one in `make test`."""
    return 1 if ROUNDS <= FEW else ROUNDS


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite the file of the tests is there already, and goes with its directory."""
    return bool(settings.EMBEDDED)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let the database of the tests begin as a copy of the one that is migrated already. Django migrates what is missing: nothing."""
    template, test = templates.migrated(), connection.settings_dict["TEST"]
    if settings.EMBEDDED:
        shutil.copyfile(template.data / settings.DATABASES["default"]["NAME"].name, test["NAME"])
    else:
        test["TEMPLATE"] = templates.database_of(templates.MIGRATED)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Threads of the sockets keep their connections, also in a test's own process, and PostgreSQL drops no database that is in use."""
    yield
    if not settings.EMBEDDED:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def hospital_template() -> Deployment:
    """The demo hospital, migrated and seeded once a run; no server ever runs on it."""
    return templates.hospital()


@pytest.fixture
def hospital(tmp_path: Path, hospital_template: Deployment) -> Iterator[Deployment]:
    """A demo hospital of this test's own; `hospital.start()` runs a real server on it."""
    with new_deployment(tmp_path / "hospital", hospital_template) as deployment:
        yield deployment
