"""The same news over plain HTTP, for networks that let no WebSocket through: `POST /poll/`.

A poll joins the hub as a socket does and is answered at the first news, or with nothing after `wait`. Between two polls of one `line`
(one tab of one browser) its news is kept for a while, so that nothing said meanwhile is missed; a line that is new, or was forgotten,
begins with `welcome`, as a new socket does, and its owner reads again what it shows. Timelines cannot lose anything either way: each
poll says how far it has come, and is sent what comes after. A thread that is followed from now on is acknowledged, and one that may
not be read refused, under its own id. Commands go through `POST /api/commands`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from consult.protocol.values import ClientId, Seq
from consult.ratelimit import limits
from consult.sockets.bare_http import authenticated, posted
from consult.sockets.pollers import Pollers
from consult.threads import in_database
from records.errors import BAD_INPUT, TOO_MANY, Refused

if TYPE_CHECKING:
    from consult.sockets.bare_http import Receive

MAX_WAIT_SECONDS: Final = 25
MAX_THREADS: Final = 32  # of one poll


class Poll(Struct, frozen=True, forbid_unknown_fields=True):
    """`line`: the tab's own name for its row of polls. `since`: the threads it follows, each with the last sequence that has arrived.
    `wait`: seconds."""

    line: ClientId
    since: Annotated[dict[UUID, Seq], Meta(max_length=MAX_THREADS)] = {}
    wait: Annotated[float, Meta(ge=0, le=MAX_WAIT_SECONDS)] = MAX_WAIT_SECONDS


read_poll: Final = msgspec.json.Decoder(Poll).decode
pollers: Final = Pollers()


async def _poll(scope: dict[str, Any], receive: Receive, body: bytes) -> bytes:
    person, session = await in_database(authenticated, scope)
    if wait := limits().of(person.id).take():
        raise Refused(TOO_MANY, retry_after=wait)
    try:
        poll = read_poll(body)
    except msgspec.DecodeError as error:
        raise Refused(BAD_INPUT) from error
    line = pollers.take(person, session, poll.line)
    return b'{"frames":[%s]}' % b",".join(await line.poll(person, poll.since, poll.wait, partial(_hung_up, receive)))


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


application = posted(_poll)
