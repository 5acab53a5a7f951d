"""The built pages and the headers that every answer carries."""

import gzip
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

SCRIPT = b"console.log('xinqiao');" * 50


@pytest.fixture
def browser(tmp_path: Path, settings: Settings) -> Client:
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>信桥</title>")
    (tmp_path / "assets" / "index-abc123.js").write_bytes(SCRIPT)
    (tmp_path / ".vite" / "manifest.json").write_text("{}")
    (tmp_path / "sw.js").write_bytes(SCRIPT)
    (tmp_path / "manifest.webmanifest").write_text("{}")
    settings.XINQIAO_FRONTEND = tmp_path
    return Client(SERVER_NAME="localhost")


@pytest.mark.parametrize("address", ["/", "/sign-in", "/consultations/7/notes"])
def test_every_address_of_the_browsers_own_is_the_one_page(browser: Client, address: str) -> None:
    response = browser.get(address)
    assert "信桥" in response.content.decode()
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"


def test_an_unknown_address_of_the_servers_own_is_no_page(browser: Client) -> None:
    for address in ("/api/nothing", "/static/nothing.js", "/static/../manage.py", "/static/.vite/manifest.json"):
        assert browser.get(address).status_code == 404


def test_a_file_with_a_hash_in_its_name_is_kept_for_ever_and_sent_small(browser: Client) -> None:
    response = browser.get("/static/assets/index-abc123.js", headers={"Accept-Encoding": "gzip, br"})
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response["Cache-Control"]
    assert gzip.decompress(response.content) == SCRIPT
    assert browser.get("/static/assets/index-abc123.js").content == SCRIPT


def test_what_the_browser_has_already_is_not_sent_again(browser: Client) -> None:
    etag = browser.get("/")["ETag"]
    again = browser.get("/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_service_worker_looks_after_the_whole_place_and_is_asked_for_anew(browser: Client) -> None:
    response = browser.get("/sw.js")
    assert response.content == SCRIPT
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"
    assert "connect-src 'self'" in response["Content-Security-Policy"]
    assert browser.get("/static/manifest.webmanifest")["Content-Type"] == "application/manifest+json"


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path, settings: Settings) -> None:
    settings.XINQIAO_FRONTEND = tmp_path
    response = Client(SERVER_NAME="localhost").get("/")
    assert response.status_code == 503
    assert b"npm run build" in response.content


@pytest.mark.parametrize("address", ["/", "/healthz", "/api/nothing", "/static/nothing.js"])
def test_every_answer_forbids_foreign_scripts_and_frames(browser: Client, address: str) -> None:
    response = browser.get(address)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    allowed = {"camera=(self)", "microphone=(self)", "display-capture=(self)"}
    assert {rule for rule in response["Permissions-Policy"].split(", ") if not rule.endswith("=()")} == allowed, (
        "calls need no more"
    )


def test_answers_about_patients_are_never_kept_by_the_browser(browser: Client) -> None:
    assert browser.get("/api/nothing")["Cache-Control"] == "no-store"
