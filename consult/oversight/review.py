"""Compliance: reading one case under a grant. Every function leaves its leaf in the grant's chain before it opens anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import structlog

from consult import family, timeline
from consult.models import Consultation, Event, SideThread
from consult.oversight import cases
from consult.oversight.attachments import BESIDE
from records import grants
from records.errors import NOT_FOUND, Refused
from records.ledger import contents
from records.ledger.audit import Report, check_chain
from records.ledger.chains import moment
from records.ledger.leaves import parse
from records.ledger.models import Chain, Leaf, TreeEntry
from records.ledger.vouching import Vouched, vouched_for
from records.people import Person
from records.retention.contents import Told, told
from records.vault import KeyMissing, SealBroken
from records.views import BRIEF, brief
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from records.grants import AccessGrant

log = structlog.get_logger(__name__)

State = Literal["verified", "pending", "mismatch", "unknown"]
KINDS = ("consultation.", "message.", "receipt.", "voice.", "side.", "notice.", "call.", "captions.", "recording.")
SAID = {"kind": "kind", "at": "at", "sender_id": "actor", "client_id": "client"}  # columns of an event that repeat its leaf
PLAYED = "recording.played"
LISTED_ENTRIES = 2000  # about 0.2 s to check


class Proven(NamedTuple):
    """A thread as the ledger has it. `upto`: the number of its last act, by the chain's own count."""

    events: list[dict[str, Any]]
    report: Report
    upto: int


class Conversation(NamedTuple):
    """`side`: what clinicians said beside it, None when they did not."""

    grant: AccessGrant
    talk: Proven
    side: Proven | None
    people: list[dict[str, Any]]
    vouched: Vouched


def register() -> None:
    """Tell the ledger's audit where the ciphertexts of the leaves of threads and broadcasts are, and grants which cases are sensitive."""
    for kind in KINDS:
        contents.register(kind, contents.from_table("consult_event", chain="thread_id", said=SAID))
    contents.register("broadcast.", contents.from_table("consult_broadcast", chain="id"))
    grants.register(sensitive)


def sensitive(case_ids: Collection[UUID]) -> list[UUID]:
    """Of these cases, those of a department that the administrator called sensitive."""
    rows = Consultation.objects.filter(chain__in=case_ids, department__sensitive=True)
    return list(rows.values_list("chain_id", flat=True))


def states(case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What the integrity badge of each case says, checked afresh: for one page of cases. A long case is `unknown` until opened."""
    lengths = dict(Chain.objects.filter(id__in=case_ids).values_list("id", "last_seq"))
    return {id_: check_chain(id_).state if length <= LISTED_ENTRIES else "unknown" for id_, length in lengths.items()}


def conversation(person: Person, grant_id: UUID) -> Conversation:
    """The timeline as the ledger has it, each act with its proof, and what was said beside it where the grant covers that; taken back
    or not. What was said outside the days of the grant keeps its place, and its words are withheld.

    Raises Refused(NOT_FOUND) without a grant in force.
    """
    grant = grants.open_for_reading(person, grant_id, "conversation", "conversation.read")
    beside = SideThread.objects.filter(about=grant.case_id).first() if "discussion" in grant.content else None
    talk, side = _proven(grant.case_id, grant), _proven(beside.chain_id, grant) if beside else None
    people = _people(grant.case_id, [*talk.events, *(side.events if side else ())])
    return Conversation(grant, talk, side, people, vouched_for(grant.case_id))


def _proven(thread: UUID, grant: AccessGrant) -> Proven:
    upto = Chain.objects.values_list("last_seq", flat=True).get(id=thread)
    report = check_chain(thread)
    rows = {row.seq: row for row in Event.objects.filter(thread=thread)}
    leaves = Leaf.objects.filter(chain_id=thread).select_related("place").order_by("seq")
    stones = told(set(report.destroyed.values()))
    gone = {seq: stones[number] for seq, number in report.destroyed.items()}
    opened = {leaf.seq: grant.covers(moment(leaf.at)) for leaf in leaves}
    events = [_event(leaf, rows.get(leaf.seq), report, gone.get(leaf.seq), open_=opened[leaf.seq]) for leaf in leaves]
    return Proven(events, report, upto)


def recordings(person: Person, grant_id: UUID) -> list[Recording]:
    """The voice notes of the case and the calls that followed it, for a grant over their sound or their text."""
    grant = grants.load(person, "grant.read", grant_id)
    part = "recordings" if "recordings" in grant.content else "transcripts"
    grants.open_for_reading(person, grant_id, part, "recordings.listed")
    return cases.granted_recordings(grant, _recordings_of(grant.case_id))


def recording(person: Person, grant_id: UUID, recording_id: UUID, part: str, what: str) -> Recording:
    """One of these recordings, to be played (part `recordings`) or read (part `transcripts`)."""
    grant = grants.load(person, "grant.read", grant_id)
    found = _recordings_of(grant.case_id).filter(id=recording_id).first()
    if found is None or not cases.granted_recordings(grant, [found]):
        raise Refused(NOT_FOUND)
    if found.origin == Recording.Origin.VOICE:
        what = _said_in(found, grant, what)
    grants.open_for_reading(person, grant_id, part, what, {"recording": str(recording_id)}, of=found.created_at)
    return found


def _said_in(note: Recording, grant: AccessGrant, what: str) -> str:
    """What the patient is told was done with a voice note."""
    if note.thread_id != grant.case_id:
        return BESIDE
    return "voice.played" if what == PLAYED else what


def recording_states(found: Sequence[Recording]) -> list[str]:
    """What the integrity badge of each recording says: whether its leaf stands in the chart's chain, and in the signed tree. Each chart is
    checked once, and no sound is read: that is compared with its leaf while it is played."""
    charts = {row.key.scope for row in found}
    reports = {chart: check_chain(chart, compare=False) for chart in charts}
    rows = TreeEntry.objects.filter(leaf__chain__in=charts, leaf__seq__in=[row.seq for row in found])
    placed = set(rows.values_list("leaf__chain_id", "leaf__seq"))
    return [_recording_state(reports[row.key.scope], row, placed) for row in found]


def _recording_state(report: Report, row: Recording, placed: Collection[tuple[UUID, int]]) -> str:
    assert row.seq is not None, "what was recorded of a case is in the ledger"
    if not stands(report, row.seq):
        return "mismatch"
    return "verified" if (row.key.scope, row.seq) in placed else "pending"


def _recordings_of(case_id: UUID) -> QuerySet[Recording]:
    return cases.recordings_of(case_id).select_related("key", "uploaded_by", "patient")


def stands(report: Report, seq: int) -> bool:
    """Whether nothing speaks against one act: a changed ciphertext concerns that act, any other finding also all that follow."""
    for finding in report.findings:
        alone = finding.code.startswith("content.") and finding.seq is not None
        if finding.seq == seq or not (alone or (finding.seq or 0) > seq):
            return False
    return True


def _event(leaf: Leaf, row: Event | None, report: Report, shredded: Told | None, *, open_: bool) -> dict[str, Any]:
    """One act. The leaf says what happened when; the row only holds the words, and without them the body is None."""
    readable = open_ and shredded is None
    body, said = _body(row) if readable else None, parse(bytes(leaf.data))
    place = getattr(leaf, "place", None)
    return {
        "seq": leaf.seq,
        "kind": leaf.kind,
        "at": leaf.at,
        "sender": said.actor,
        "client_id": said.ids.get("client"),
        "body": body,
        "hash": bytes(leaf.hash).hex(),
        "sealed_at": moment(leaf.at),
        "tree_index": place.index if place else None,
        "verified": stands(report, leaf.seq) and place is not None and (body is not None or not readable),
        "withheld": not open_,
        "shredded": shredded._asdict() if shredded else None,
    }


def _body(row: Event | None) -> dict[str, Any] | None:
    if row is None:
        return None
    try:
        opened: dict[str, Any] = msgspec.json.decode(timeline.body_of(row))
    except (SealBroken, KeyMissing):
        log.exception("review.unreadable", thread=str(row.thread_id), seq=row.seq)
        return None
    return opened


def _people(case_id: UUID, events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everybody who appears in the case, the patient first; a relative as the conversation calls them."""
    patient = Consultation.objects.values_list("patient_id", flat=True).get(chain_id=case_id)
    senders = {event["sender"] for event in events if event["sender"]}
    people = Person.objects.filter(id__in=senders | {patient}).prefetch_related(*BRIEF)
    relatives = {one: {"title": words} for one, words in family.spoken_for([patient]).items()}
    in_order = sorted(people, key=lambda person: (person.id != patient, person.name))
    return [{**brief(person), **relatives.get(person.id, {})} for person in in_order]
