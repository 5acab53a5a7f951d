"""The relay of calls: its credentials as the server makes them, a real coturn that believes them, and where it sends nothing."""

import ipaddress
import time
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from chat_server import checks
from consult.calls import turn
from tests.consult.stun import Client
from tools.services import TURN_CONF, Relay, turn_server

UNAUTHORIZED, FORBIDDEN = 401, 403
# What the registry of special addresses says of these, Python does not: https://www.iana.org/assignments/iana-ipv6-special-registry
AS_SPECIAL = ["64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::ffff:10.0.0.1", "ff02::1", "fec0::1", "224.0.0.1"]


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    with turn_server(peers=()) as running:
        yield running


@pytest.mark.once
def test_the_relay_believes_what_the_server_gave_out_and_nothing_else(relay: Relay, settings: Settings) -> None:
    settings.XINQIAO_TURN_URIS, settings.XINQIAO_TURN_SECRET = ["turn:relay.example:3478"], relay.secret
    settings.XINQIAO_STUN_URIS = ["stun:relay.example:3478"]
    (plain, through), until = turn.servers(uuid4())
    assert (plain.urls, plain.credential) == (["stun:relay.example:3478"], None)
    assert until == pytest.approx((time.time() + settings.XINQIAO_TURN_SECONDS) * 1000, abs=5000)
    now = int(time.time())
    given_out = {
        "as it was given out": (through.username or "", through.credential or "", 0),
        "with another password": (through.username or "", "x" * 28, UNAUTHORIZED),
        "made with another secret": (*turn.credentials("guessed", now + 60, "x"), UNAUTHORIZED),
        "that has ended": (*turn.credentials(relay.secret, now - 5, "x"), UNAUTHORIZED),
        "made longer by its owner": (f"{now + 86400}:x", turn.credentials(relay.secret, now - 5, "x")[1], UNAUTHORIZED),
    }
    for what, (name, password, expected) in given_out.items():
        with closing(Client(relay.address, name, password)) as client:
            assert client.allocate() == expected, what


@pytest.mark.once
def test_the_relay_sends_nothing_to_addresses_that_are_no_patients(relay: Relay) -> None:
    with closing(Client(relay.address, *turn.credentials(relay.secret, int(time.time()) + 60, "x"))) as client:
        assert client.allocate() == 0
        for inside in ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"):
            assert client.permit(inside) == FORBIDDEN, inside
        assert client.permit("8.8.8.8") == 0


def denied() -> list[tuple[int, int, int]]:
    """(version, first, last) of every range in the file that production starts with."""
    lines = [line.partition("=")[2] for line in TURN_CONF.read_text().splitlines() if line.startswith("denied-peer-ip=")]
    ends = [[ipaddress.ip_address(end) for end in line.split("-")] for line in lines]
    return [(first.version, int(first), int(last)) for first, last in ends]


DENIED = denied()


def is_denied(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_unspecified or any(
        version == address.version and first <= int(address) <= last for version, first, last in DENIED
    )


@given(st.ip_addresses() | st.sampled_from(AS_SPECIAL).map(ipaddress.ip_address))
def test_every_address_that_is_not_public_is_denied(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Those that hypothesis draws are of the special ranges half the time."""
    if not address.is_global or address.is_multicast or str(address) in AS_SPECIAL:
        assert is_denied(address)


@pytest.mark.parametrize("public", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "2606:4700::1111"])
def test_public_addresses_are_not(public: str) -> None:
    assert not is_denied(ipaddress.ip_address(public))


def test_production_is_told_that_calls_have_no_relay(settings: Settings) -> None:
    settings.EMBEDDED, settings.XINQIAO_TURN_URIS, settings.XINQIAO_TURN_SECRET = False, [], ""
    assert [found.id for found in checks.calls_have_a_relay(None)] == ["chat_server.W002"]
    settings.XINQIAO_TURN_URIS = ["turn:relay.example:3478"]
    assert [found.id for found in checks.calls_have_a_relay(None)] == ["chat_server.E003"]
    settings.XINQIAO_TURN_SECRET = "shared"
    assert checks.calls_have_a_relay(None) == []
