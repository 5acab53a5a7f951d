"""The REST interface: which router answers below which address."""

from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from consult.api import (
    accesslog,
    attachments,
    broadcasts,
    casework,
    compliance,
    consultations,
    drafts,
    grants,
    hints,
    holds,
    notices,
    packs,
    proofs,
    reading,
    retention,
    rights,
    rooms,
    sampling,
    scheduled,
    search,
    sides,
    sockets,
    tracks,
    voice,
)
from consult.api import charts as chart_pages
from records.api import charts, departments, errors, factors, family, followups, integrity, passwords, session, signins, sso
from transcription import api as recordings
from transcription import exchange_api, review_api


class ReadableJSON(JSONRenderer):
    """Chinese as itself: half the size, and readable in a terminal."""

    json_dumps_params = {"ensure_ascii": False}  # noqa: RUF012 (as ninja declares it)


DESCRIPTION = (
    "Cookies of a session, JSON in and out; every write carries the CSRF token. Errors have one form: a code, a sentence in Chinese"
    " and in English, and whether trying again can help. Missing and forbidden answer alike (404). What is said live goes over the"
    " socket (asyncapi.json); docs/protocol/README.md follows one message."
)
api = NinjaAPI(title="Xinqiao", version="1", description=DESCRIPTION, docs_url=None, openapi_url=None, renderer=ReadableJSON())
errors.install(api)
api.add_router("", session.router)
api.add_router("", factors.router)
api.add_router("", passwords.router)
api.add_router("", sso.router)
api.add_router("/me", signins.router)
api.add_router("", sockets.router)
api.add_router("", consultations.router)
api.add_router("", sides.router)
api.add_router("", rooms.router)
api.add_router("", attachments.router)
api.add_router("", voice.router)
api.add_router("", tracks.router)
api.add_router("", drafts.router)
api.add_router("", scheduled.router)
api.add_router("", search.router)
api.add_router("", broadcasts.router)
api.add_router("", notices.router)
api.add_router("", charts.router)
api.add_router("", chart_pages.router)
api.add_router("", family.router)
api.add_router("", followups.router)
api.add_router("", recordings.router)
api.add_router("", review_api.router)
api.add_router("", exchange_api.router)
api.add_router("/compliance", compliance.router)
api.add_router("/compliance", grants.router)
api.add_router("/compliance", reading.router)
api.add_router("/compliance", casework.router)
api.add_router("/compliance", packs.router)
api.add_router("/compliance", retention.router)
api.add_router("/compliance", holds.router)
api.add_router("/compliance", accesslog.router)
api.add_router("/compliance", hints.router)
api.add_router("/compliance", sampling.router)
api.add_router("", rights.router)
api.add_router("", departments.router)
api.add_router("", integrity.router)
api.add_router("", proofs.router)
