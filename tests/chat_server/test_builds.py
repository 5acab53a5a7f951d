"""A new version of the pages is built while the server runs: it is served once it is whole, and until then the one before."""

import asyncio
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from chat_server import builds
from chat_server.builds import SETTLED_SECONDS, Builds
from tests.deployment import Deployment, wait_until

EARLIER = 60.0  # seconds ago: long after the last file was written


def build(root: Path, version: str, *, without: str = "", at: float | None = None) -> None:
    """What `npm run build` leaves: a page, its script under a name of its own, and the list of both. `at`: when it was written."""
    script = f"assets/index-{version}.js"
    listed = {"index.html": {"file": script, "css": [f"assets/index-{version}.css"]}}
    files = {
        script: f"console.log('{version}')",
        f"assets/index-{version}.css": f"/* {version} */",
        "index.html": f"<!doctype html><title>{version}</title><script src=/static/{script}></script>",
        "sw.js": f"// {version}",
        ".vite/manifest.json": json.dumps(listed),
    }
    shutil.rmtree(root, ignore_errors=True)
    for name, text in files.items():
        if name != without:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
    written(root, time.time() - EARLIER if at is None else at)


def written(root: Path, at: float) -> None:
    for path in (root, *root.rglob("*")):
        os.utime(path, (at, at))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of this process looks more often."""
    monkeypatch.setattr(builds, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(builds, "AGAIN_SECONDS", 0.1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build(tmp_path / "dist", "one")
    return tmp_path / "dist"


@pytest.fixture
def served(root: Path) -> Builds:
    """What a server that runs serves of it."""
    running = Builds(root)
    assert version(running) == "one"
    return running


def version(running: Builds) -> str:
    return running.files()["index.html"].body.decode().partition("<title>")[2].partition("</title>")[0]


def becomes(running: Builds, wanted: str) -> None:
    wait_until(lambda: version(running) == wanted, what=f"version {wanted}")


def looks_again(running: Builds) -> None:
    """It has looked at the disk since, once more than it needs to."""
    seen = {running._next}

    def twice() -> bool:
        running.files()
        seen.add(running._next)
        return len(seen) > 2

    wait_until(twice, what="two looks")


def test_a_new_build_is_served_without_a_restart_and_open_pages_keep_their_files(root: Path, served: Builds) -> None:
    build(root, "two", at=time.time() - EARLIER / 2)
    becomes(served, "two")
    assert served.files()["sw.js"].body == b"// two"
    assert served.files()["assets/index-two.js"].body == b"console.log('two')"
    assert served.files()["assets/index-one.js"].body == b"console.log('one')", "a page of version one is open somewhere"
    build(root, "three", at=time.time() - EARLIER / 3)
    becomes(served, "three")
    assert "assets/index-two.js" in served.files()
    assert "assets/index-one.js" not in served.files(), "and is old by now"


def test_while_it_is_written_the_one_before_is_served(root: Path, served: Builds) -> None:
    build(root, "two", at=time.time())
    began = time.time()
    becomes(served, "two")
    assert time.time() - began > SETTLED_SECONDS / 2, "the last file had to be a while old"


@pytest.mark.parametrize("lacking", ["assets/index-two.css", "assets/index-two.js", "index.html"])
def test_half_a_build_is_not_served(root: Path, served: Builds, lacking: str) -> None:
    build(root, "two", without=lacking)
    looks_again(served)
    assert version(served) == "one"
    assert "assets/index-one.js" in served.files()
    build(root, "two")
    becomes(served, "two")


def test_a_list_that_is_cut_off_is_no_build(root: Path, served: Builds) -> None:
    build(root, "two")
    (root / ".vite" / "manifest.json").write_text('{"index.html": {"file": "assets/ind')
    written(root, time.time() - EARLIER)
    looks_again(served)
    assert version(served) == "one"


def test_a_directory_that_was_emptied_takes_nothing_away(root: Path, served: Builds) -> None:
    shutil.rmtree(root)
    looks_again(served)
    assert version(served) == "one"


def test_a_server_that_was_started_before_the_first_build_shows_it(tmp_path: Path) -> None:
    running = Builds(tmp_path / "dist")
    assert running.files() == {}
    build(tmp_path / "dist", "one")
    wait_until(lambda: "index.html" in running.files(), what="the first build")
    assert version(running) == "one"


def test_a_server_that_is_started_right_after_the_build_shows_it_at_once(tmp_path: Path) -> None:
    build(tmp_path / "dist", "one", at=time.time())
    running = Builds(tmp_path / "dist")
    assert version(running) == "one"
    build(tmp_path / "dist", "two", at=time.time() - EARLIER)
    becomes(running, "two")


def test_where_nothing_changed_nothing_is_read(served: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(root: Path) -> dict[str, builds.StaticFile]:
        raise AssertionError("the files were read again")

    monkeypatch.setattr(builds, "read", unreadable)
    first = served.files()
    looks_again(served)
    assert served.files() is first


@pytest.mark.once
async def test_the_running_server_shows_the_new_pages(hospital: Deployment, root: Path) -> None:
    server = await asyncio.to_thread(hospital.start, "--no-worker", env={"XINQIAO_FRONTEND": str(root)})

    def shows(version: bytes) -> bool:
        return b"<title>%s</title>" % version in server.get("/sign-in")[1]

    assert shows(b"one")
    build(root, "two", at=time.time())
    await asyncio.to_thread(wait_until, lambda: shows(b"two"))
    assert server.get("/static/assets/index-two.js") == (200, b"console.log('two')")
    assert server.get("/static/assets/index-one.js") == (200, b"console.log('one')")
    assert server.get("/sw.js")[1] == b"// two"
