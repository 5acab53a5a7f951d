"""The life of a consultation: opened by the patient, claimed by one doctor, closed with a summary, reopened with a reason.

Every action checks, writes, appends, in one transaction. Loading is authorising: `load` gives the row only to those who may do the act.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from consult import audiences, family, protocol, terms, timeline
from consult.calls import ending, plans
from consult.doorbell import Ring, ring
from consult.errors import BLANK, CLOSED, CONSENT, ERASURE_ASKED, LICENCE, NOT_CLOSED, TAKEN
from consult.models import Consultation, Event, SideThread
from consult.timeline import Appended
from records import care
from records.access import loaded, require
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, SIGNED_OUT, Refused
from records.ledger.models import Chain
from records.people import CareRelationship, Department, Person, Role, stays

if TYPE_CHECKING:
    from uuid import UUID

CARE_REASON: Final = "consultation"
CLAIMED, RETURNED = "consultation.claimed", "consultation.returned"
LEFT: Final = "医生不再接诊。 The doctor no longer takes consultations."
REQUIRED_CONSENTS: Final = {"consultation", "privacy"}
State = Consultation.State


def load(person: Person, consultation_id: UUID, action: str, *, lock: bool = False) -> Consultation:
    """The consultation, for somebody who may do `action` to it; else `Refused(NOT_FOUND)`."""
    # With its chain, in one statement: a page takes a state for that of the last sequence number that it is told with it.
    rows = Consultation.objects.select_related("patient", "department", "assignee", "chain")
    if lock:
        rows = Consultation.objects.select_for_update()
    return loaded(person, action, rows.filter(chain_id=consultation_id).first())


def open_consultation(person: Person, command: protocol.ConsultationOpen) -> tuple[Consultation, Appended]:
    """Start a case from an intake. Repeating the client id returns the first; another intake under it is a conflict."""
    require(person, "consultation.open")
    if not set(command.consents) >= REQUIRED_CONSENTS:
        raise Refused(CONSENT)
    written(command.complaint)
    department = _department(command.department)
    body = protocol.Opened(command.complaint, command.duration, command.red_flags, department.id)
    try:
        with transaction.atomic():
            return _open(person, command, department, body)
    except IntegrityError:
        return _opened_before(person, command.client_id, body)


def _open(
    person: Person, command: protocol.ConsultationOpen, department: Department, body: protocol.Opened
) -> tuple[Consultation, Appended]:
    now = timezone.now()
    chain = Chain.objects.create(kind=Chain.Kind.CONSULTATION)
    consultation = Consultation.objects.create(
        chain=chain,
        patient=person,
        department=department,
        red_flags=list(command.red_flags),
        opened_at=now,
        last_at=now,
        needs_reply_since=now,
        rounds=department.rounds,
        client_id=command.client_id,
    )
    family.admit(consultation)
    appended = timeline.append(consultation.id, "consultation.opened", person, body, command.client_id)
    _queue_moved(consultation)
    return consultation, appended


def _opened_before(person: Person, client_id: str, body: protocol.Opened) -> tuple[Consultation, Appended]:
    consultation = Consultation.objects.get(patient=person, client_id=client_id)
    first = Event.objects.get(thread=consultation.id, seq=1)
    if timeline.body_of(first) != protocol.encode(body):
        raise Refused(CLIENT_ID_CONFLICT)
    return consultation, Appended(first.seq, first.at)


def _department(asked: UUID | None) -> Department:
    """The one asked for, or the default for patients who do not know whom they need."""
    departments = Department.objects.filter(id=asked) if asked else Department.objects.filter(is_default=True)
    found = departments.first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


@transaction.atomic
def claim(person: Person, consultation_id: UUID) -> Appended:
    """Take a waiting consultation. Of two doctors at once exactly one gets it; the other hears `TAKEN`."""
    consultation = Consultation.objects.select_for_update().filter(chain_id=consultation_id).first()
    if consultation is None:
        raise Refused(NOT_FOUND)
    if consultation.state == State.ACTIVE and consultation.assignee_id == person.id:
        first = Event.objects.filter(thread=consultation.id, kind=CLAIMED, sender=person).order_by("seq").last()
        assert first is not None, "an active consultation was claimed"
        return Appended(first.seq, first.at)  # the acknowledgement was lost, and the claim came again
    colleague = Role.DOCTOR in person.role_set and consultation.department_id in person.department_ids
    if colleague and consultation.state != State.QUEUED:
        raise Refused(TAKEN)
    require(person, "consultation.claim", consultation)
    licensed(person)
    if not stays(person):
        raise Refused(SIGNED_OUT)
    consultation.state, consultation.assignee, consultation.claimed_at = State.ACTIVE, person, timezone.now()
    terms.start_clock(consultation)
    consultation.save(update_fields=["state", "assignee", "claimed_at", *terms.FIELDS])
    care.join(consultation.patient_id, person.id, CARE_REASON)
    appended = timeline.append(consultation.id, CLAIMED, person, protocol.Nothing())
    _queue_moved(consultation)
    return appended


@transaction.atomic
def give_back(person: Person, command: protocol.ConsultationReturn) -> Appended:
    """Put a consultation back into its queue, at the place its waiting time earns."""
    body = protocol.Returned(command.reason)
    if done := timeline.repeated(command.consultation, person, command.client_id, body):
        return done  # whoever gave it back no longer treats it: asked before it is loaded
    consultation = load(person, command.consultation, "consultation.return", lock=True)
    if consultation.state == State.CLOSED:
        raise Refused(CLOSED)
    written(command.reason)
    appended = timeline.append(consultation.id, RETURNED, person, body, command.client_id)
    _queue_again(consultation, person)
    return appended


def hand_back_all(person: Person) -> None:
    """Put the active cases of somebody who leaves back into their queues, as an act of nobody's, in the caller's transaction: no case is
    without an owner or a queue."""
    held = Consultation.objects.filter(assignee=person, state=State.ACTIVE).order_by("chain_id").select_for_update()
    for consultation in held:
        timeline.append(consultation.id, RETURNED, None, protocol.Returned(LEFT))
        _queue_again(consultation, person)


def _queue_again(consultation: Consultation, person: Person) -> None:
    """Take the case from `person`, and the chart with the last of that patient's."""
    consultation.state, consultation.assignee, consultation.claimed_at = State.QUEUED, None, None
    consultation.needs_reply_since = consultation.needs_reply_since or timezone.now()
    consultation.save(update_fields=["state", "assignee", "claimed_at", "needs_reply_since"])
    ending.settle(consultation)
    plans.drop(consultation, "returned", None)
    others = Consultation.objects.filter(patient_id=consultation.patient_id, assignee=person)
    if not others.exists():
        ended = CareRelationship.objects.filter(patient_id=consultation.patient_id, clinician=person, reason=CARE_REASON)
        ended.update(until=timezone.now())
    _left(consultation, person)
    _queue_moved(consultation)


@transaction.atomic
def close(person: Person, command: protocol.ConsultationClose) -> Appended:
    """End a consultation with a summary; the closing leaf fixes its last sequence."""
    consultation = load(person, command.consultation, "consultation.close", lock=True)
    written(command.summary)
    body = protocol.Closed(command.summary, command.advice)
    if done := timeline.repeated(consultation.id, person, command.client_id, body):
        return done
    if consultation.state == State.CLOSED:
        raise Refused(CLOSED)
    licensed(person)
    ending.close(consultation, person)
    plans.drop(consultation, "closed", person)
    appended = timeline.append(consultation.id, "consultation.closed", person, body, command.client_id)
    consultation.state, consultation.closed_at, consultation.needs_reply_since = State.CLOSED, timezone.now(), None
    consultation.save(update_fields=["state", "closed_at", "needs_reply_since"])
    _changed(consultation)
    return appended


@transaction.atomic
def reopen(person: Person, command: protocol.ConsultationReopen) -> Appended:
    """Go on with a closed consultation, or one whose terms are over, with the same doctor where there is one, and new terms."""
    consultation = load(person, command.consultation, "consultation.reopen", lock=True)
    written(command.reason)
    body = protocol.Reopened(command.reason)
    if done := timeline.repeated(consultation.id, person, command.client_id, body):
        return done
    if consultation.kept:
        raise Refused(ERASURE_ASKED)
    if consultation.state != State.CLOSED and terms.over(consultation) is None:
        raise Refused(NOT_CLOSED)
    holder = consultation.assignee
    if holder is not None and consultation.state == State.CLOSED and not stays(holder):  # who leaves holds no other
        consultation.assignee = None  # anybody of the department may take it
        _left(consultation, holder)
    consultation.state = State.ACTIVE if consultation.assignee else State.QUEUED
    consultation.closed_at = None
    if person.id == consultation.patient_id:
        consultation.needs_reply_since = timezone.now()
    terms.begin(consultation)
    consultation.save(update_fields=["state", "assignee", "closed_at", "needs_reply_since", *terms.FIELDS])
    appended = timeline.append(consultation.id, "consultation.reopened", person, body, command.client_id)
    _queue_moved(consultation)
    return appended


@transaction.atomic
def extend(person: Person, command: protocol.ConsultationExtend) -> Appended:
    """Give more than the terms of a consultation allow."""
    consultation = load(person, command.consultation, "consultation.extend", lock=True)
    appended = terms.extend(consultation, person, command)
    _changed(consultation)
    return appended


def written(text: str) -> None:
    """Refuse text that is nothing but white space."""
    if not text.strip():
        raise Refused(BLANK)


def licensed(person: Person) -> None:
    """Refuse a clinician whose licence has lapsed."""
    credential = getattr(person, "credential", None)
    if credential is not None and credential.expires_on < timezone.localdate():
        raise Refused(LICENCE)


def _left(consultation: Consultation, person: Person) -> None:
    """The devices of somebody who had the case hear no more of it, nor of what is said beside it, from the commit on."""
    threads = [consultation.id, *SideThread.objects.filter(about=consultation).values_list("chain_id", flat=True)]
    transaction.on_commit(partial(ring, *(Ring("left", thread, 0, (person.id,)) for thread in threads)))


def _changed(consultation: Consultation) -> None:
    people = tuple(audiences.audience(consultation.id))
    transaction.on_commit(partial(ring, Ring("changed", consultation.id, 0, people)))


def _queue_moved(consultation: Consultation) -> None:
    _changed(consultation)
    transaction.on_commit(partial(ring, Ring("queue", consultation.department_id)))
