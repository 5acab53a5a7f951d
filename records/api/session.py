"""The session: who am I, signing in, signing out, my language; and the demo's door."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from annotated_types import Len
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import SecretStr, StringConstraints

from records import demo, sessions
from records.api.auth import OPEN, OWN, SignedInRequest, acts, anybody, signed_in
from records.api.errors import answer
from records.api.schemas import Body, Words
from records.errors import NOT_FOUND, SIGNED_OUT, Refused
from records.identity import factors
from records.identity.fresh import accepted
from records.people import Person, Role
from records.views import BRIEF, Bilingual, PersonBrief, bilingual, brief

router = Router(tags=["session"])

Language = Literal["zh-Hans", "en"]
# Not stripped, and as long as anybody types: what is hashed is what was typed.
Password = Annotated[SecretStr, StringConstraints(min_length=1, max_length=256)]
Need = Literal["hearing", "sight", "interpreter", "helper"]
Surface = Literal["patient", "doctor", "compliance", "admin"]
SURFACES: dict[str, Surface] = {
    Role.PATIENT: "patient",
    Role.DOCTOR: "doctor",
    Role.NURSE: "doctor",
    Role.LEAD: "doctor",
    Role.OFFICER: "compliance",
    Role.APPROVER: "compliance",
    Role.AUDITOR: "compliance",
    Role.ADMIN: "admin",
}


class Hospital(Schema):
    name: Bilingual
    phone: str
    emergency: str


class Session(Schema):
    person: PersonBrief
    roles: list[str]
    surface: Surface
    language: Language
    needs: list[Need]
    hospital: Hospital
    demo: bool


class Step(Schema):
    """What is left of a sign-in: to show a second factor of one of these kinds, to set one up, or to choose a password of one's own."""

    step: Literal["show", "set_up", "password"]
    methods: list[Literal["totp", "passkey", "recovery"]]


class SignIn(Body):
    login: Annotated[Words, StringConstraints(min_length=1, max_length=64)]
    password: Password


class LanguageChoice(Body):
    language: Language


class NeedsChoice(Body):
    """What to consider when talking with this person."""

    needs: Annotated[list[Need], Len(0, 4)]


class DemoPerson(Schema):
    id: UUID
    name: str
    role: str
    note: Bilingual


class DemoSignIn(Body):
    person: UUID


@router.get("/session", auth=anybody, response=Session)
@acts(OPEN)
def see(request: HttpRequest) -> Any:
    """Who is signed in. Also sets the CSRF cookie that every write needs."""
    get_token(request)
    if not isinstance(request.user, Person) or not accepted(request.session):
        return answer(SIGNED_OUT, demo=settings.XINQIAO_DEMO)
    return session_of(request.user)


@router.get("/hospital", auth=anybody, response=Hospital)
@acts(OPEN)
def hospital(request: HttpRequest) -> dict[str, Any]:
    """Whose deployment this is, and whom to call: also before anybody has signed in."""
    return _hospital()


@router.post("/session", auth=anybody, response={200: Session, 202: Step})
@acts(OPEN)
def sign_in(request: HttpRequest, body: SignIn) -> Any:
    """A session, or the step that comes before it (202), within five minutes: a second factor, or a password of one's own."""
    return begun(*sessions.sign_in(request, body.login, body.password.get_secret_value()))


@router.delete("/session", auth=signed_in, response={204: None})
@acts(OWN)
def sign_out(request: SignedInRequest) -> Status[None]:
    """End this session and close the sockets that it opened."""
    sessions.sign_out(request, request.auth)
    return Status(204, None)


@router.put("/session/language", auth=signed_in, response={204: None})
@acts(OWN)
def choose_language(request: SignedInRequest, response: HttpResponse, body: LanguageChoice) -> Status[None]:
    """Remember the language with the person, and in a cookie for the pages before signing in."""
    Person.objects.filter(id=request.auth.id).update(language=body.language)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, body.language.lower(), max_age=365 * 86400, samesite="Lax")
    return Status(204, None)


@router.put("/session/needs", auth=signed_in, response={204: None})
@acts(OWN)
def choose_needs(request: SignedInRequest, body: NeedsChoice) -> Status[None]:
    """Whoever treats this person sees them before calling."""
    Person.objects.filter(id=request.auth.id).update(needs=sorted(set(body.needs)))
    return Status(204, None)


@router.get("/demo/people", auth=anybody, response=list[DemoPerson])
@acts(OPEN)
def demo_people(request: HttpRequest) -> list[dict[str, Any]]:
    """The cast to sign in as with one click. 404 unless the demo is on."""
    if not settings.XINQIAO_DEMO:
        raise Refused(NOT_FOUND)
    people = {person.id: person for person in Person.objects.filter(id__in=demo.IDS).prefetch_related(*BRIEF)}
    return [{**brief(people[member.id]), "note": bilingual(*member.note)} for member in demo.CAST if member.id in people]


@router.post("/demo/session", auth=anybody, response=Session)
@acts(OPEN)
def demo_sign_in(request: HttpRequest, body: DemoSignIn) -> Any:
    """A session as one of the demo's people, without a password. 404 unless the demo is on."""
    if body.person not in demo.IDS:
        raise Refused(NOT_FOUND)
    return session_of(sessions.sign_in_demo(request, body.person))


def begun(person: Person, step: str | None) -> Any:
    """The answer after one step of signing in: the session, or the next step."""
    return session_of(person) if step is None else Status(202, step_of(person, step))


def step_of(person: Person, step: str) -> dict[str, Any]:
    """The fields of `Step`."""
    return {"step": step, "methods": sorted(factors.kinds(person))}


def session_of(person: Person) -> dict[str, Any]:
    """The fields of `Session`."""
    return {
        "person": brief(person),
        "roles": sorted(person.role_set),
        "surface": SURFACES[person.main_role],
        "language": person.language,
        "needs": person.needs,
        "hospital": _hospital(),
        "demo": settings.XINQIAO_DEMO,
    }


def _hospital() -> dict[str, Any]:
    return {
        "name": bilingual(settings.XINQIAO_HOSPITAL_ZH, settings.XINQIAO_HOSPITAL_EN),
        "phone": settings.XINQIAO_HOSPITAL_PHONE,
        "emergency": settings.XINQIAO_EMERGENCY_PHONE,
    }
