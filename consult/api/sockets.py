"""What a page needs before it opens a socket."""

from __future__ import annotations

from typing import Any

from ninja import Router, Schema

from consult.sockets import tickets
from records.api.auth import OWN, SignedInRequest, acts, signed_in

router = Router(tags=["session"], auth=signed_in)


class SocketTicket(Schema):
    """`ticket`: for one WebSocket of this session, within 30 seconds, offered as the subprotocols `xinqiao` and `ticket.<ticket>`."""

    ticket: str


@router.post("/session/socket-ticket", response=SocketTicket)
@acts(OWN)
def ask(request: SignedInRequest) -> dict[str, Any]:
    """A ticket for the next socket of this page."""
    return {"ticket": tickets.issue(request.auth, request.session.session_key or "")}
