"""One running hospital for all these tests: they open cases of their own and leave the others alone."""

from collections.abc import Iterator

import pytest

from tests.cast import browser_of, cast, demo_on
from tests.consult.reviewing import case
from tests.deployment import Deployment, Server, new_deployment

__all__ = ["browser_of", "case", "cast", "demo_on", "server"]


@pytest.fixture(scope="session")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Without the limit on what one person may ask for: the cast is asked for much."""
    with new_deployment(tmp_path_factory.mktemp("shared") / "hospital", hospital_template) as deployment:
        yield deployment.start("--no-worker", env={"XINQIAO_FRAMES_PER_SECOND": "0", "XINQIAO_CAPTIONED_CALLS": "1"})
