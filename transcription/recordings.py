"""The recording of a follow-up call: one row, two leaves and one job when it has been received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef

from records import plans, sessions
from records.access import loaded
from records.care import in_force
from records.errors import BAD_INPUT, NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.people import CareRelationship
from records.plans import FollowUp, follow_up_to_record
from transcription import jobs, receiving
from transcription.known import known_to
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.people import Person

MAX_BYTES: Final = 200 * 1024 * 1024
LANGUAGES: Final = ("auto", "zh", "en")
SPOKEN: Final = "spoken"
MOST_MARKERS: Final = 500

TOO_LARGE: Final = ErrorKind(
    "recording.too_large",
    413,
    "录音文件超过 200 MB，请截取后再上传。",
    "The recording is larger than 200 MB. Please shorten it first.",
)
NO_CONSENT: Final = ErrorKind(
    "recording.no_consent",
    422,
    "请先确认已在通话中口头征得同意。",
    "Please confirm that consent was given aloud during the call.",
)


class Marker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A moment of a call, in seconds from its beginning: that the patient agreed, or something to come back to."""

    kind: Literal["consent", "mark"]
    at: Annotated[float, msgspec.Meta(ge=0, le=7200)]


Markers = Annotated[tuple[Marker, ...], msgspec.Meta(max_length=MOST_MARKERS)]


@dataclass(frozen=True, slots=True)
class Act:
    """What came with the file."""

    name: str
    language: str
    consent: str
    markers: Markers = ()


class CallReceiver(receiving.Receiver[Act]):
    """A call's recording on its way in. Consent comes first, because without it nothing may be kept."""

    most_bytes = MAX_BYTES
    too_large = TOO_LARGE

    def __init__(self, person: Person, follow_up: FollowUp) -> None:
        super().__init__(person, follow_up.patient)
        self.follow_up = follow_up

    def check(self, act: Act) -> None:
        """Raises Refused: NO_CONSENT, BAD_INPUT."""
        if act.consent != SPOKEN:
            raise Refused(NO_CONSENT)
        if act.language not in LANGUAGES:
            raise Refused(
                BAD_INPUT, {"language": {"zh": "请从列出的选项中选择。", "en": "Please choose one of the options given."}}
            )

    def keep(self, act: Act, client_id: str) -> Recording:
        """Consent and seal in the chart's chain, the row, and its transcription queued."""
        # First, as whoever reports how the call ended does: the other way round each would wait for what the other holds.
        FollowUp.objects.select_for_update().get(id=self.follow_up.id)
        digest, (actor, via) = self.manifest, self.origin()
        # The case that the call follows, for whoever has to tell what a pack of another case need not hold; empty for none.
        case = str(self.follow_up.origin_id or "")
        ids = {"recording": str(self.id), "follow_up": str(self.follow_up.id), **via}
        agreed = {"consent": act.consent, **dict([("at", f"{one.at:.2f}") for one in act.markers if one.kind == "consent"][:1])}
        with chains.extend(self.key.scope) as tail:
            tail.add("recording.consent", actor=actor, ids={**ids, **agreed})
            linked = tail.add(
                "recording.sealed", actor=actor, content=digest, ids={**ids, "case": case, "manifest": digest.hex()}
            )
        kept = {"follow_up": self.follow_up, "language": act.language, "markers": msgspec.to_builtins(act.markers)}
        recording = self.store(client_id, act.name, seq=linked.seq, **kept)
        # Whoever called may have said meanwhile how it ended, and that a doctor or another call is needed: no file takes that back.
        FollowUp.objects.filter(id=self.follow_up.id, state=FollowUp.State.DUE).update(state=FollowUp.State.DONE)
        jobs.enqueue(recording)
        return recording

    def origin(self) -> tuple[UUID | None, dict[str, str]]:
        """Whose act it is, and what else the ledger says of where it came from."""
        return self.person.id, {}

    def belongs(self, first: Recording) -> bool:
        return first.follow_up_id == self.follow_up.id


def register() -> None:
    """Hear of everybody who leaves."""
    sessions.on_leaving.append(hand_back_unfinished)


def hand_back_unfinished(person: Person) -> None:
    """Calls of somebody who leaves whose recording is not well transcribed wait for a colleague as well, where nobody else cares for the
    patient: otherwise nobody could try it again, or put it right. In the caller's transaction."""
    unfinished = Recording.objects.filter(follow_up=OuterRef("pk")).exclude(state=Recording.State.DONE)
    others = CareRelationship.objects.filter(in_force(), patient=OuterRef("patient"), clinician__is_active=True)
    plans.hand_back(person, FollowUp.objects.filter(Exists(unfinished), ~Exists(others.exclude(clinician=person))))


def markers_of(text: str) -> Markers:
    """The markers of a form's field. Raises Refused(BAD_INPUT)."""
    try:
        return msgspec.json.decode(text, type=Markers)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(BAD_INPUT, {"markers": {"zh": "标记不对。", "en": "The markers are not valid."}}) from error


def admit(person: Person, address: Mapping[str, Any]) -> CallReceiver:
    """Take a file for the follow-up of this address. Raises Refused(NOT_FOUND)."""
    try:
        follow_up_id = UUID(str(address["follow_up_id"]))
    except ValueError as error:
        raise Refused(NOT_FOUND) from error
    return CallReceiver(person, follow_up_to_record(person, follow_up_id))


def recording_for(person: Person, action: str, recording_id: UUID) -> Recording:
    """Load a call's recording, or one side of it, for somebody who may do `action` to it. Raises Refused(NOT_FOUND)."""
    calls = known_to(person, Recording.objects.exclude(origin=Recording.Origin.VOICE))
    return loaded(
        person, action, calls.select_related("follow_up", "patient", "uploaded_by", "job").filter(id=recording_id).first()
    )
