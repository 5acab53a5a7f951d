"""Who may do what: one table, one question.

A rule is (role, relation): holding the role is never enough, the person must also stand in the relation to the object. Objects say
which relations a person has to them (`relations_of`); loaders ask `require`, so that holding a row means being allowed to use it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from records.errors import NOT_FOUND, Refused
from records.people import Role

if TYPE_CHECKING:
    from records.people import Person


class Relation(StrEnum):
    """How a person stands to an object."""

    ANY = "any"  # no object, or no relation needed
    SELF = "self"  # the patient whom it is about
    FAMILY = "family"  # a relative whom that patient lets in now; to what was said: one who may see the consultations
    SPEAKS = "speaks"  # a relative who may also speak for the patient
    CALLS = "calls"  # a relative who may speak for the patient in calls too
    FAMILY_RECORD = "family_record"  # one who may see the record, but for what follows
    FAMILY_MEDICATION = "family_medication"  # one who may see the medication
    FAMILY_CALLS = "family_calls"  # one who may hear and read recorded calls
    TREATING = "treating"  # the clinician it is assigned to
    DEPARTMENT = "department"  # a clinician of the department whose queue it waits in, or whose clinicians care for the patient
    COLLEAGUE = "colleague"  # asked into the talk of clinicians about a case, or treating the case
    CARE = "care"  # on the patient's care team now
    ASSIGNED = "assigned"  # the follow-up is this person's to make
    AUTHOR = "author"  # wrote it
    REQUESTER = "requester"  # asked for this grant
    RATER = "rater"  # named to grade the cases of this sample independently
    OTHER = "other"  # any person but the requester, and the rater
    GRANTED = "granted"  # the requester, while the grant is approved and not over
    URGENT = "urgent"  # whoever broke the glass, while that hour lasts


class Subject(Protocol):
    """Anything access can be asked about."""

    def relations_of(self, person: Person) -> frozenset[Relation]: ...


S = TypeVar("S", bound=Subject)


P, D, N, L = Role.PATIENT, Role.DOCTOR, Role.NURSE, Role.LEAD
O, A, ADMIN, AUDITOR = Role.OFFICER, Role.APPROVER, Role.ADMIN, Role.AUDITOR  # noqa: E741 - as in the table below
R = Relation

ANYWHERE: Final = frozenset({R.ANY})

# action -> the (role, relation) pairs that allow it. What is not here is refused.
RULES: Final[dict[str, frozenset[tuple[Role, Relation]]]] = {
    "consultation.open": frozenset({(P, R.ANY)}),
    "consultation.list": frozenset({(P, R.ANY), (D, R.ANY), (N, R.ANY), (L, R.ANY)}),
    "consultation.see": frozenset(
        {(P, R.SELF), (P, R.FAMILY), (D, R.TREATING), (D, R.DEPARTMENT), (N, R.DEPARTMENT), (L, R.DEPARTMENT)}
    ),
    "consultation.read": frozenset({(P, R.SELF), (P, R.FAMILY), (D, R.TREATING)}),
    "consultation.claim": frozenset({(D, R.DEPARTMENT)}),
    "consultation.return": frozenset({(D, R.TREATING)}),
    "consultation.close": frozenset({(D, R.TREATING)}),
    "consultation.reopen": frozenset({(P, R.SELF), (D, R.TREATING)}),
    "consultation.extend": frozenset({(D, R.TREATING)}),
    "message.send": frozenset({(P, R.SELF), (P, R.SPEAKS), (D, R.TREATING)}),
    "message.retract": frozenset({(P, R.SELF), (P, R.SPEAKS), (D, R.TREATING)}),
    "message.correct": frozenset({(D, R.TREATING)}),
    "room.open": frozenset({(D, R.TREATING)}),
    "room.join": frozenset({(P, R.SELF), (P, R.CALLS), (D, R.TREATING), (D, R.COLLEAGUE), (N, R.COLLEAGUE), (L, R.COLLEAGUE)}),
    "room.host": frozenset({(D, R.TREATING)}),
    "call.join": frozenset({(P, R.SELF), (P, R.CALLS), (D, R.TREATING)}),
    "voice.transcribe": frozenset({(P, R.AUTHOR), (D, R.TREATING)}),
    "side.open": frozenset({(D, R.TREATING)}),
    "side.list": frozenset({(D, R.ANY), (N, R.ANY), (L, R.ANY)}),
    "side.read": frozenset({(D, R.COLLEAGUE), (N, R.COLLEAGUE), (L, R.COLLEAGUE)}),
    "side.write": frozenset({(D, R.COLLEAGUE), (N, R.COLLEAGUE), (L, R.COLLEAGUE)}),
    "side.invite": frozenset({(D, R.COLLEAGUE)}),
    "message.schedule": frozenset({(D, R.TREATING)}),
    "search": frozenset({(P, R.ANY), (D, R.ANY), (N, R.ANY), (L, R.ANY)}),
    "notices.read": frozenset({(P, R.SELF)}),
    "notices.own": frozenset({(P, R.ANY)}),
    "broadcast.list": frozenset({(D, R.ANY), (N, R.ANY), (L, R.ANY)}),
    "broadcast.send": frozenset({(D, R.CARE), (N, R.CARE), (L, R.CARE), (N, R.DEPARTMENT), (L, R.DEPARTMENT)}),
    "broadcast.see": frozenset({(D, R.AUTHOR), (N, R.AUTHOR), (L, R.AUTHOR)}),
    "broadcast.stop": frozenset({(D, R.AUTHOR), (N, R.AUTHOR), (L, R.AUTHOR)}),
    "queue.list": frozenset({(D, R.ANY), (N, R.ANY), (L, R.ANY)}),
    "chart.list": frozenset({(D, R.ANY), (N, R.ANY)}),
    "chart.read": frozenset(
        {(P, R.SELF), (P, R.FAMILY_RECORD), (P, R.FAMILY_MEDICATION), (P, R.FAMILY_CALLS), (D, R.CARE), (N, R.CARE)}
    ),
    "chart.record": frozenset({(P, R.SELF), (P, R.FAMILY_RECORD), (D, R.CARE), (N, R.CARE)}),
    "chart.medication": frozenset({(P, R.SELF), (P, R.FAMILY_MEDICATION), (D, R.CARE), (N, R.CARE)}),
    "chart.messages": frozenset({(P, R.SELF), (P, R.FAMILY), (D, R.CARE), (N, R.CARE)}),
    "chart.write": frozenset({(D, R.CARE), (N, R.CARE)}),
    "chart.access_log": frozenset({(P, R.SELF)}),
    "follow_up.list": frozenset({(D, R.ANY), (N, R.ANY)}),
    "follow_up.create": frozenset({(D, R.CARE), (N, R.CARE)}),
    "follow_up.take": frozenset({(D, R.CARE), (N, R.CARE), (D, R.DEPARTMENT), (N, R.DEPARTMENT)}),
    "follow_up.record": frozenset({(D, R.ASSIGNED), (N, R.ASSIGNED)}),
    "follow_up.call": frozenset({(D, R.ASSIGNED), (N, R.ASSIGNED), (D, R.CARE), (N, R.CARE)}),
    "recording.read": frozenset({(P, R.SELF), (P, R.FAMILY_CALLS), (D, R.CARE), (N, R.CARE)}),
    "transcript.correct": frozenset({(D, R.CARE), (N, R.CARE)}),
    "transcript.sign": frozenset({(D, R.CARE), (N, R.CARE)}),
    "case.search": frozenset({(O, R.ANY), (A, R.ANY)}),
    "grant.request": frozenset({(O, R.ANY)}),
    "grant.list": frozenset({(O, R.ANY), (A, R.ANY)}),
    "grant.see": frozenset({(O, R.REQUESTER), (A, R.OTHER)}),
    "grant.decide": frozenset({(A, R.OTHER)}),
    "grant.break_glass": frozenset({(O, R.ANY)}),
    "grant.review": frozenset({(A, R.OTHER)}),
    "grant.comment": frozenset({(O, R.REQUESTER), (A, R.OTHER)}),
    "grant.answer": frozenset({(O, R.REQUESTER)}),
    "grant.revoke": frozenset({(A, R.OTHER), (O, R.REQUESTER)}),
    "grant.read": frozenset({(O, R.GRANTED), (O, R.URGENT)}),
    "grant.annotate": frozenset({(O, R.GRANTED), (O, R.URGENT)}),
    "grant.export": frozenset({(O, R.GRANTED)}),
    "department.list": frozenset({(ADMIN, R.ANY)}),
    "department.mark": frozenset({(ADMIN, R.ANY)}),
    "family.list": frozenset({(P, R.ANY)}),
    "family.let_in": frozenset({(P, R.ANY)}),
    "family.shut_out": frozenset({(P, R.SELF), (P, R.FAMILY)}),
    "integrity.see": frozenset({(O, R.ANY), (A, R.ANY), (AUDITOR, R.ANY), (ADMIN, R.ANY)}),
    "retention.see": frozenset({(O, R.ANY), (A, R.ANY)}),
    "retention.rule": frozenset({(A, R.ANY)}),
    "retention.confirm": frozenset({(O, R.ANY)}),
    "hold.list": frozenset({(O, R.ANY), (A, R.ANY)}),
    "hold.place": frozenset({(O, R.ANY)}),
    "hold.review": frozenset({(O, R.ANY), (A, R.ANY)}),
    "hold.ask_release": frozenset({(O, R.ANY), (A, R.ANY)}),
    "hold.decline": frozenset({(O, R.ANY), (A, R.ANY)}),
    "hold.release": frozenset({(O, R.OTHER), (A, R.OTHER)}),
    "rights.own": frozenset({(P, R.ANY)}),
    "rights.see": frozenset({(P, R.SELF), (O, R.ANY), (A, R.ANY)}),
    "rights.decide": frozenset({(O, R.ANY)}),
    "access_log.see": frozenset({(O, R.ANY), (A, R.ANY), (AUDITOR, R.ANY)}),
    "access_log.export": frozenset({(O, R.ANY), (A, R.ANY), (AUDITOR, R.ANY)}),
    "access_review.see": frozenset({(O, R.ANY), (A, R.ANY), (AUDITOR, R.ANY)}),
    "access_review.settle": frozenset({(O, R.ANY), (A, R.ANY)}),
    "access_review.name": frozenset({(A, R.ANY)}),
    "access_review.sign": frozenset({(O, R.ASSIGNED), (A, R.ASSIGNED)}),
    "sample.plan": frozenset({(O, R.ANY)}),
    "sample.list": frozenset({(O, R.ANY), (A, R.ANY)}),
    "sample.see": frozenset({(O, R.REQUESTER), (O, R.RATER), (A, R.OTHER)}),
    "sample.join": frozenset({(O, R.RATER)}),
    "sample.decide": frozenset({(A, R.OTHER)}),
    "sample.review": frozenset({(O, R.REQUESTER), (O, R.RATER)}),
    "sample.sign": frozenset({(O, R.REQUESTER), (O, R.RATER)}),
    "sample.resolve": frozenset({(O, R.REQUESTER), (O, R.RATER), (A, R.OTHER)}),
    "sample.close": frozenset({(A, R.OTHER)}),
    "sample.export": frozenset({(O, R.REQUESTER), (O, R.RATER), (A, R.OTHER)}),
}


def allowed(roles: frozenset[str], action: str, relations: frozenset[Relation]) -> bool:
    """The table alone, for callers that already hold the facts (the message writer). Pure; KeyError for an unknown action."""
    return any(role in roles and relation in relations for role, relation in RULES[action])


def can(person: Person, action: str, subject: Subject | None = None) -> bool:
    """Whether `person` may do `action` to `subject` now."""
    if not person.is_active:
        return False
    relations = ANYWHERE if subject is None else subject.relations_of(person)
    return allowed(person.role_set, action, relations)


def require(person: Person, action: str, subject: Subject | None = None) -> None:
    """`can`, or `Refused(NOT_FOUND)`: missing and forbidden answer alike."""
    if not can(person, action, subject):
        raise Refused(NOT_FOUND)


def loaded(person: Person, action: str, subject: S | None) -> S:
    """What was looked up, for this act; `Refused(NOT_FOUND)` where there is none, as where `can` says no."""
    if subject is None:
        raise Refused(NOT_FOUND)
    require(person, action, subject)
    return subject
