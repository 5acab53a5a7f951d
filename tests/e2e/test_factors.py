"""Staff prove who they are: a second factor at the first sign-in, at every one after it, and again before an approval."""

import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from records import demo
from records.identity import totp
from tests.deployment import Deployment, Server, new_deployment
from tests.e2e.conftest import Enter
from tests.e2e.keys import tab_to
from tests.e2e.screen import DESK, begun, forgotten, shoot, sideways, violations
from tests.e2e.test_compliance import WAITING, ask

pytestmark = pytest.mark.once

NEW = "three herons over water"
KEY = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}


@pytest.fixture(scope="module")
def deployment(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with new_deployment(tmp_path_factory.mktemp("factors") / "hospital", hospital_template) as made:
        yield made


@pytest.fixture(scope="module")
def server(deployment: Deployment) -> Server:
    """As a hospital runs, with the demo's people."""
    return deployment.start("--no-worker", env={"XINQIAO_STAFF_FACTOR": "required"})


def by_name(server: Server) -> str:
    """No passkey belongs to an address of numbers."""
    return server.url.replace("127.0.0.1", "localhost")


def with_password(page: Page, server: Server, login: str, password: str = demo.PASSWORD) -> None:
    page.goto(by_name(server))
    page.get_by_test_id("s.login").fill(login)
    page.get_by_test_id("s.password").fill(password)
    page.get_by_test_id("s.password").press("Enter")


def sign_out(page: Page) -> None:
    """At a desk: the workbench is not made for a phone."""
    size = page.viewport_size or DESK
    page.set_viewport_size(DESK)
    page.get_by_test_id("x.signOut").click()
    expect(page.get_by_test_id("s.login")).to_be_visible()
    page.set_viewport_size(size)


def code(secret: str, after: int) -> tuple[str, int]:
    """A code that was not used yet, and its time step."""
    step = max(int(time.time()) // totp.PERIOD_SECONDS, after + 1)
    return totp.code_at(secret, step), step


def test_an_app_is_set_up_once_and_shown_at_every_sign_in(enter: Enter, server: Server, shots: Path | None) -> None:
    zhao = enter("wang", width=390)  # a phone
    forgotten(zhao)
    secret, typed, recovery = sets_up_with_keys(zhao, server, shots)
    with_password(zhao, server, "D1001")
    expect(zhao.get_by_test_id("sc.show")).to_be_visible()
    shows(zhao, typed[0])
    expect(zhao.get_by_test_id("x.error")).to_have_attribute("data-code", "factor.wrong")
    shoot(zhao, shots, "factor-wrong")
    shows(zhao, code(secret, typed[1])[0])
    expect(zhao.get_by_test_id("d.nav.queue")).to_be_visible()
    sign_out(zhao)
    with_password(zhao, server, "D1001")
    shows(zhao, recovery)
    expect(zhao.get_by_test_id("d.nav.queue")).to_be_visible()


def sets_up_with_keys(zhao: Page, server: Server, shots: Path | None) -> tuple[str, tuple[str, int], str]:
    """The first sign-in, by keyboard. Returns the secret, the code that was used with its time step, and a recovery code."""
    with_password(zhao, server, "D1001")
    expect(zhao.get_by_test_id("sc.setUp")).to_be_visible()
    shoot(zhao, shots, "factor-choose")
    zhao.keyboard.press("Tab")
    zhao.keyboard.press("Enter")
    secret = zhao.get_by_test_id("sc.app.secret").inner_text().replace(" ", "")
    assert (sideways(zhao), violations(zhao)) == (0, [])
    shoot(zhao, shots, "factor-app")
    typed = code(secret, 0)
    zhao.get_by_test_id("sc.app.code").fill(typed[0])
    zhao.keyboard.press("Enter")
    expect(zhao.get_by_test_id("sc.codes.code")).to_have_count(10)
    assert violations(zhao) == []
    shoot(zhao, shots, "factor-codes")
    recovery = zhao.get_by_test_id("sc.codes.code").first.inner_text()
    zhao.get_by_test_id("sc.codes.kept").click()
    expect(zhao.get_by_test_id("d.nav.queue")).to_be_visible()
    sign_out(zhao)
    return secret, typed, recovery


def shows(page: Page, typed: str) -> None:
    page.get_by_test_id("sc.show.code").fill(typed)
    page.keyboard.press("Enter")


def test_a_passkey_is_made_and_shown(enter: Enter, server: Server, shots: Path | None) -> None:
    sun = enter("wu", "en", width=1440)
    forgotten(sun)
    cdp = sun.context.new_cdp_session(sun)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    with_password(sun, server, "N1001")
    sun.get_by_test_id("sc.setUp.passkey").click()
    sun.get_by_test_id("sc.passkey.name").fill("ward computer")
    sun.get_by_test_id("sc.passkey.submit").click()
    sun.get_by_test_id("sc.codes.kept").click()
    expect(sun.get_by_test_id("d.nav.queue")).to_be_visible()
    sign_out(sun)
    with_password(sun, server, "N1001")
    sun.get_by_test_id("sc.show.passkey").click()
    expect(sun.get_by_test_id("d.nav.queue")).to_be_visible()
    sun.get_by_test_id("x.security").click()
    expect(sun.get_by_test_id("sc.factor")).to_contain_text("ward computer")
    assert violations(sun) == []
    shoot(sun, shots, "security-page")
    sun.get_by_test_id("sc.factor.remove").click()
    expect(sun.get_by_test_id("x.error")).to_have_attribute("data-code", "factor.last")


def test_li_signs_out_her_other_phone(enter: Enter, shots: Path | None) -> None:
    other, li = enter("li"), enter("li", "en")
    li.goto("/me")
    li.get_by_test_id("p.me.sessions").click()
    expect(li.get_by_test_id("sc.session")).to_have_count(2)
    assert (sideways(li), violations(li)) == (0, [])
    shoot(li, shots, "sessions-phone")
    li.get_by_test_id("sc.session.end").click()
    expect(li.get_by_test_id("sc.session")).to_have_count(1)
    expect(li.get_by_test_id("sc.session")).to_have_attribute("data-here", "true")
    expect(other.get_by_test_id("s.login")).to_be_visible()  # its socket was closed, and the page went to the entrance


def test_chen_changes_her_password_with_the_keyboard_and_her_other_devices_are_signed_out(
    enter: Enter, shots: Path | None
) -> None:
    other, chen = enter("chen"), enter("chen")
    tab = chen.context.new_page()
    tab.goto("/me")
    begun(tab)
    chen.goto("/me/sessions")
    expect(chen.get_by_test_id("sc.password.old")).to_be_visible()
    tab_to(chen, "sc.password.old")
    chen.keyboard.type("not hers")
    chen.keyboard.press("Tab")
    chen.keyboard.type("elevenchars")
    chen.keyboard.press("Enter")
    expect(chen.get_by_test_id("sc.password.new")).to_have_attribute("aria-invalid", "true")
    expect(chen.get_by_test_id("sc.password.new")).to_be_focused()
    chen.keyboard.type(NEW)
    chen.keyboard.press("Enter")
    expect(chen.get_by_test_id("sc.password.old")).to_have_attribute("aria-invalid", "true")
    expect(chen.get_by_test_id("sc.password.old")).to_be_focused()
    chen.get_by_test_id("sc.password.show").check()
    assert (sideways(chen), violations(chen)) == (0, [])
    shoot(chen, shots, "password-wrong")
    chen.get_by_test_id("sc.password.old").fill(demo.PASSWORD)
    chen.keyboard.press("Enter")
    expect(chen.get_by_test_id("sc.password.done")).to_contain_text("1")
    expect(chen.get_by_test_id("sc.password.new")).to_have_value("")
    expect(other.get_by_test_id("s.login")).to_be_visible()
    expect(chen.get_by_test_id("sc.session")).to_have_count(1)
    shoot(chen, shots, "password-done")
    tab.goto("/me/sessions")
    expect(tab.get_by_test_id("sc.session")).to_have_attribute("data-here", "true")


def test_wu_gets_a_password_at_the_desk_and_chooses_his_own_before_anything_else(
    enter: Enter, server: Server, deployment: Deployment, shots: Path | None
) -> None:
    wu = enter("wu", "en")
    forgotten(wu)
    login = next(member.login for member in demo.CAST if member.key == "wu")
    made = deployment.manage("account", login, "--new-password").strip()
    with_password(wu, server, login, made)
    expect(wu.get_by_test_id("sc.password.new")).to_be_visible()
    assert (sideways(wu), violations(wu)) == (0, [])
    shoot(wu, shots, "password-first")
    assert wu.request.get(f"{by_name(server)}/api/consultations").status == HTTPStatus.UNAUTHORIZED
    wu.get_by_test_id("sc.password.new").fill(made)
    wu.keyboard.press("Enter")
    expect(wu.get_by_test_id("sc.password.new")).to_have_attribute("aria-invalid", "true")
    wu.get_by_test_id("sc.password.new").fill(NEW)
    wu.keyboard.press("Enter")
    expect(wu.get_by_test_id("p.nav.me")).to_be_visible()


def test_an_approval_asks_again_after_ten_minutes_and_then_goes_on(
    enter: Enter, deployment: Deployment, shots: Path | None
) -> None:
    zhou, he = enter("zhou", "en"), enter("he", "en")
    recovery = set_up_in(he)
    grant = ask(zhou)
    he.goto("/approvals")
    he.locator(WAITING).first.click()
    ten_minutes_later(he, deployment)
    he.get_by_test_id("c.approve.approve").click()
    expect(he.get_by_test_id("sc.stepUp")).to_be_visible()
    assert violations(he) == []
    shoot(he, shots, "step-up")
    he.get_by_test_id("x.dialog.close").click()
    expect(he.get_by_test_id("x.error")).to_have_attribute("data-code", "factor.stale")
    he.get_by_test_id("c.approve.approve").click()
    he.get_by_test_id("sc.show.code").fill(recovery)
    he.keyboard.press("Enter")
    expect(he.get_by_test_id("sc.stepUp")).to_have_count(0)
    he.wait_for_url("**/approvals")  # where the page goes once it was decided
    expect(he.locator(WAITING)).to_have_count(0)
    assert he.request.get(f"/api/compliance/requests/{grant}").json()["state"] == "approved"


def set_up_in(page: Page) -> str:
    """Set up an app in a session under way; returns a recovery code."""
    begun(page)
    page.goto("/security")
    page.get_by_test_id("sc.factors.add").click()
    page.get_by_test_id("sc.setUp.app").click()
    secret = page.get_by_test_id("sc.app.secret").inner_text().replace(" ", "")
    page.get_by_test_id("sc.app.code").fill(code(secret, 0)[0])
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("sc.codes.code")).to_have_count(10)
    recovery = page.get_by_test_id("sc.codes.code").first.inner_text()
    page.get_by_test_id("sc.codes.kept").click()
    expect(page.get_by_test_id("sc.factor")).to_have_count(1)
    return recovery


def ten_minutes_later(page: Page, deployment: Deployment) -> None:
    """Let ten minutes pass for one session."""
    cookie = next(one["value"] for one in page.context.cookies() if one["name"] == "xinqiao_session")
    script = (
        "from django.contrib.sessions.backends.db import SessionStore\n"
        f"store = SessionStore({cookie!r})\n"
        "store['identity'] = {**store['identity'], 'shown_at': store['identity']['shown_at'] - 601}\n"
        "store.save()\n"
    )
    deployment.manage("shell", "-c", script)
