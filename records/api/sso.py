"""Single sign-on: to the provider, and back from it. Both are addresses that a browser goes to, not ones that a page asks."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponseRedirect
from ninja import Router, Schema

from records import sessions
from records.api.auth import OPEN, acts, anybody
from records.api.session import Step, step_of
from records.errors import SIGNED_OUT, Refused
from records.identity import pending, sso

router = Router(tags=["session"])
REGRET: Final = "/?sso=refused"


class Provider(Schema):
    name: str


@router.get("/session/sso/name", auth=anybody, response=Provider)
@acts(OPEN)
def provider(request: HttpRequest) -> dict[str, Any]:
    """What the provider is called; 404 where there is none."""
    return {"name": sso.name()}


@router.get("/session/sso", auth=anybody, response={302: None})
@acts(OPEN)
def begin(request: HttpRequest) -> HttpResponseRedirect:
    """To the provider of single sign-on; 404 where there is none."""
    sso.name()
    try:
        return HttpResponseRedirect(sso.begin(request))
    except Refused:
        return HttpResponseRedirect(REGRET)


@router.get("/session/sso/callback", auth=anybody, response={302: None})
@acts(OPEN)
def finish(request: HttpRequest, state: str = "", code: str = "") -> HttpResponseRedirect:
    """Back from the provider: into the product, to the second factor, or to the sign-in page, which says that it did not work."""
    sso.name()
    try:
        step = sessions.proceed(request, sso.finish(request, state, code), "oidc")
    except Refused:
        return HttpResponseRedirect(REGRET)
    return HttpResponseRedirect("/" if step is None else "/?step=factor")


@router.get("/session/step", auth=anybody, response=Step)
@acts(OPEN)
def step(request: HttpRequest) -> dict[str, Any]:
    """What is left of a sign-in that came back from the provider. 401 when none waits here."""
    waiting = pending.of(request)
    if waiting is None:
        raise Refused(SIGNED_OUT)
    return step_of(waiting.person, waiting.step)
