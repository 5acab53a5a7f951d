"""What ends a session ends its sockets, at once and on open connections: signing out elsewhere, and what an operator changes."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from records.demo import PASSWORD
from tests.consult.device import Session, browser, device, socket_of
from tests.deployment import Deployment, Server

SIGNED_OUT = 4401


async def delete(session: Session, path: str) -> int:
    token = {"X-CSRFToken": session.http.cookies["xinqiao_csrf"]}
    return (await session.http.delete(path, headers=token)).status_code


async def test_wu_signs_out_elsewhere_and_stays_here(server: Server) -> None:
    async with browser(server, "wu") as lost, browser(server, "wu") as here, socket_of(lost) as theirs, socket_of(here) as mine:
        rows = await here.get("/api/me/sessions")
        row = next(row for row in rows if not row["here"])
        assert await delete(here, f"/api/me/sessions/{row['id']}") == 204
        assert await theirs.closed() == SIGNED_OUT
        assert (await mine.ask("ping"))["type"] == "pong"


async def test_wu_signs_out_everywhere_else_at_once(server: Server) -> None:
    async with (
        browser(server, "wu") as one,
        browser(server, "wu") as two,
        browser(server, "wu") as here,
        socket_of(one) as first,
        socket_of(two) as second,
        socket_of(here) as mine,
        device(server, "li") as li,
    ):
        assert await delete(here, "/api/me/sessions") == 204
        assert [await first.closed(), await second.closed()] == [SIGNED_OUT] * 2
        assert (await mine.ask("ping"))["type"] == "pong"
        assert (await li.ask("ping"))["type"] == "pong", "somebody else is not touched"


async def test_wang_changes_her_password_and_every_socket_of_hers_has_to_come_again(server: Server) -> None:
    """Those elsewhere cannot; this browser's can, with the cookie that it was given for the one before."""
    async with browser(server, "wang") as tidy:
        await delete(tidy, "/api/me/sessions")  # what other tests left on the server that all share
    async with (
        browser(server, "wang") as lost,
        browser(server, "wang") as here,
        socket_of(lost) as theirs,
        socket_of(here) as mine,
    ):
        before = here.http.cookies["xinqiao_session"]
        answer = await here.put("/api/me/password", {"old": PASSWORD, "new": "three herons over water"})
        assert answer.json() == {"ended": 2}, "that of the lost one and the one before"
        assert [await theirs.closed(), await mine.closed()] == [SIGNED_OUT] * 2
        assert here.http.cookies["xinqiao_session"] != before
        async with socket_of(here) as again:
            assert (await again.ask("ping"))["type"] == "pong"
        assert (await lost.http.get("/api/session")).status_code == 401


@pytest.mark.heavy
async def test_what_an_operator_changes_closes_open_sockets(hospital: Deployment) -> None:
    server = await asyncio.to_thread(hospital.start, "--no-worker")
    acts = {
        "zhao": ("D1001", "--roles", "nurse"),
        "qian": ("D1002", "--departments", "paediatrics"),
        "sun": ("N1001", "--new-password"),
        "he": ("C1002", "--reset-factors"),
        "zhou": ("C1001", "--sign-out"),
        "liu": ("D2001", "--close"),
    }
    commands = [f"call_command('account', *{words!r})" for words in acts.values()]
    async with AsyncExitStack() as open_ones:
        devices = {who: await open_ones.enter_async_context(device(server, who)) for who in (*acts, "wang")}
        script = "\n".join(["from django.core.management import call_command", *commands])
        # The sockets answer the server's pings meanwhile: a busy machine may take longer than it waits for one.
        await asyncio.to_thread(hospital.manage, "shell", "-v", "0", "-c", script)
        for who, words in acts.items():
            assert await devices[who].closed() == SIGNED_OUT, words
        assert (await devices["wang"].ask("ping"))["type"] == "pong"
