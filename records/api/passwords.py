"""One's own password: changed in a session, or chosen at the first sign-in with one that an operator made."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from records import sessions
from records.api.auth import OPEN, OWN, SignedInRequest, acts, anybody, signed_in
from records.api.schemas import Body
from records.api.session import Password, Session, session_of
from records.identity.fresh import is_staff, require_fresh

router = Router(tags=["session"])


class NewPassword(Body):
    new: Annotated[Password, Field(description="at least 12 characters, none of the common ones")]


class PasswordChange(NewPassword):
    old: Password


class PasswordChanged(Schema):
    """`ended`: how many other sessions of this person there were."""

    ended: int


@router.put("/me/password", auth=signed_in, response=PasswordChanged)
@acts(OWN)
def change(request: SignedInRequest, body: PasswordChange) -> dict[str, Any]:
    """Change my password. Ends all my sessions but this one, which gets another cookie. Asks staff for a factor shown lately."""
    if is_staff(request.auth):
        require_fresh(request)
    old, new = body.old.get_secret_value(), body.new.get_secret_value()
    return {"ended": sessions.change_password(request, request.auth, old, new)}


@router.post("/session/password", auth=anybody, response=Session)
@acts(OPEN)
def choose(request: HttpRequest, body: NewPassword) -> Any:
    """End a sign-in with a password that an operator made: by choosing another. 401 when no sign-in waits for that."""
    return session_of(sessions.choose_password(request, body.new.get_secret_value()))
