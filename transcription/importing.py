"""Calls that a telephone exchange recorded: by its HTTP hook or its folder, they end as the same recording, and each only once."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import msgspec

from records.access import can
from records.errors import BAD_INPUT, NOT_FOUND, ErrorKind, Refused
from records.people import Person
from records.plans import FollowUp
from transcription.models import Recording
from transcription.recordings import Act, CallReceiver, Marker

if TYPE_CHECKING:
    from transcription.exchanges import Exchange

DESCRIPTION_BYTES: Final = 4096
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]

NO_CALLER: Final = ErrorKind(
    "import.caller",
    422,
    "没有说明是谁打的电话，或此人不能为这项随访录音。",
    "It is not said who called, or that person may not record this follow-up.",
)


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an exchange says of a recording. `call_id`: its own, which makes handing it over again harmless.

    `follow_up`: the plan item, which the workbench shows as the call's reference. `caller`: staff number; left out, whoever is to make the
    call. `consent`: "spoken". `consent_at`: where in the recording, in seconds.
    """

    call_id: Text
    follow_up: UUID
    consent: str
    caller: Text | None = None
    language: str = "auto"
    consent_at: Annotated[float, msgspec.Meta(ge=0, le=7200)] | None = None


def described(raw: bytes) -> Call:
    """Raises Refused(BAD_INPUT), with what is wrong."""
    try:
        if len(raw) > DESCRIPTION_BYTES:
            raise msgspec.ValidationError("too long")
        return msgspec.json.decode(raw, type=Call)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        said = re.sub(r"[^\w\s$.,`'()-]", "", str(error))[:200]
        raise Refused(
            BAD_INPUT, {"call": {"zh": f"通话说明不对：{said}", "en": f"The call is not described rightly: {said}"}}
        ) from error


class ImportReceiver(CallReceiver):
    """A call from an exchange on its way in, in the name of nobody: its leaves say which exchange, which call, and who called."""

    def __init__(self, exchange: Exchange, call: Call) -> None:
        """Raises Refused: NO_CONSENT, BAD_INPUT, NOT_FOUND, NO_CALLER."""
        self.exchange, self.call = exchange, call
        self.check(self.act)
        follow_up = FollowUp.objects.select_related("patient", "assigned_to").filter(id=call.follow_up).first()
        if follow_up is None:
            raise Refused(NOT_FOUND)
        super().__init__(_caller(call, follow_up), follow_up)

    @property
    def act(self) -> Act:
        markers = () if self.call.consent_at is None else (Marker("consent", self.call.consent_at),)
        return Act(self.call.call_id, self.call.language, self.call.consent, markers)

    @property
    def client_id(self) -> str:
        return hashlib.sha256(f"{self.exchange.id}:{self.call.call_id}".encode()).hexdigest()

    def earlier(self, client_id: str) -> Recording | None:
        """Whoever called is then said to be somebody else: one call is one recording."""
        return Recording.objects.filter(exchange=self.exchange, call_id=self.client_id).first()

    def origin(self) -> tuple[UUID | None, dict[str, str]]:
        """The exchange's own id of the call as a hash: a telephone number often stands in it, and a leaf is for ever."""
        return None, {"exchange": str(self.exchange.id), "call": self.client_id, "caller": str(self.person.id)}

    def store(self, client_id: str, name: str, **fields: Any) -> Recording:
        return super().store(client_id, name, exchange=self.exchange, call_id=self.client_id, **fields)


def _caller(call: Call, follow_up: FollowUp) -> Person:
    """Who made the call, and may. Raises Refused(NO_CALLER)."""
    named = follow_up.assigned_to if call.caller is None else Person.objects.filter(login=call.caller).first()
    if named is None or not can(named, "follow_up.call", follow_up):
        raise Refused(NO_CALLER)
    return named
