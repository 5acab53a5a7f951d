"""A PostgreSQL and a Redis of a test's own, to be killed: never those that other tests share."""

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.deployment import Deployment, wait_until
from tools.install import postgresql_bin
from tools.services import Service, new_postgresql, new_redis, running
from tools.steps import Failure


@contextmanager
def own_redis() -> Iterator[Service]:
    with _place() as place, running(new_redis(place / "redis")) as service:
        yield service


@contextmanager
def own_postgresql() -> Iterator[Service]:
    with _place() as place, running(new_postgresql(place / "pg")) as service:
        yield service


@contextmanager
def _place() -> Iterator[Path]:
    """A directory with a short path (the name of a socket may have 107 bytes) that another account may enter."""
    with tempfile.TemporaryDirectory(prefix="xq-", dir="/tmp", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


def start_again(service: Service) -> None:
    """Start a killed service; PostgreSQL first waits until the last process of its former life has noticed and gone."""

    def started() -> bool:
        with suppress(Failure):
            service.start()
            return True
        return False

    wait_until(started, 60, service.words[0])


@contextmanager
def moved(template: Deployment, cluster: Service, data: Path) -> Iterator[Deployment]:
    """The template's hospital on another PostgreSQL."""
    binaries = postgresql_bin()
    assert binaries is not None
    shutil.copytree(template.data, data, ignore=shutil.ignore_patterns("serve-*.log"))
    dump = subprocess.run([binaries / "pg_dump", template.env["DATABASE_URL"]], check=True, capture_output=True)
    restore: list[str | Path] = [binaries / "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", cluster.url]
    subprocess.run(restore, input=dump.stdout, check=True)
    ours = {"DATABASE_URL": cluster.url, "XINQIAO_DATA": str(data), "XINQIAO_REDIS_PREFIX": f"xq_{uuid.uuid4().hex[:12]}"}
    made = Deployment(data, {**template.env, **ours})
    try:
        yield made
    finally:
        made.end()
