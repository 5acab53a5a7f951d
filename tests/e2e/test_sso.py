"""The hospital's own sign-in, in a browser: there, back, and refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.deployment import Deployment, Server, new_deployment
from tests.e2e.conftest import Enter
from tests.e2e.screen import forgotten, shoot, violations
from tests.records.identity.provider import CLIENT, SECRET, Provider

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Server]:
    env = {"XINQIAO_OIDC_ISSUER": provider.issuer, "XINQIAO_OIDC_CLIENT": CLIENT, "XINQIAO_OIDC_SECRET": SECRET}
    env |= {"XINQIAO_STAFF_FACTOR": "required", "XINQIAO_OIDC_NAME": "Hospital ID"}
    with new_deployment(tmp_path_factory.mktemp("sso") / "hospital", hospital_template) as deployment:
        yield deployment.start("--no-worker", env=env)


def test_a_stranger_is_sent_back_and_dr_zhao_goes_on_to_the_second_step(
    enter: Enter, provider: Provider, shots: Path | None
) -> None:
    page = enter("wang", "en")
    forgotten(page)
    provider.login = "stranger"
    page.goto("/")
    page.get_by_test_id("s.sso").click()
    expect(page.get_by_test_id("s.sso.refused")).to_be_visible()
    assert violations(page) == []
    shoot(page, shots, "sso-refused")
    provider.login = "D1001"
    page.get_by_test_id("s.sso").click()
    expect(page.get_by_test_id("sc.setUp")).to_be_visible()
