"""`POST /api/session/socket-ticket` as the server answers it: every page asks for a ticket before every socket, a whole ward's at once
after a restart, and the way through Django costs ten times the answer. `consult/api/sockets.py` declares the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from consult.sockets import bare_http, tickets
from consult.threads import in_database

if TYPE_CHECKING:
    from consult.sockets.bare_http import Receive


async def _ticket(scope: dict[str, Any], _receive: Receive, _body: bytes) -> bytes:
    person, session = await in_database(bare_http.authenticated, scope)
    return msgspec.json.encode({"ticket": tickets.issue(person, session)})


application = bare_http.posted(_ticket)
