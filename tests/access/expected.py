"""One line of the table of permissions: who gets what from an endpoint. And the addresses that are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.world import DEACTIVATED, SIGNED_OUT


@dataclass(frozen=True)
class Expected:
    """`allowed` get `status`, unless `other` says otherwise for one of them. `address`: which object, where it is not the usual one."""

    allowed: set[str] | frozenset[str]
    status: int = 200
    body: Any = None
    address: str | None = None
    other: Mapping[str, int] = field(default_factory=dict)


# Addresses without a person behind them: health for the load balancer, the built front end, and ninja's own root, a 404.
PLAIN = {"api/", "healthz", "readyz", "static/<path:path>", "sw.js", r"^(?!api/|ws/|accounts/|static/|ledger/)(?P<path>.*)$"}
# Nor behind the log's: signed checkpoints and hashes, of which a stranger learns how many acts there were.
PLAIN |= {"ledger/checkpoint", "ledger/cosigned-checkpoint", "ledger/tile/<path:path>"}


def status_for(expected: Expected, subject: str) -> int:
    """The status that `subject` is to get."""
    if subject in expected.other:
        return expected.other[subject]
    if subject in expected.allowed:
        return expected.status
    return 401 if subject in {SIGNED_OUT, DEACTIVATED} else 404
