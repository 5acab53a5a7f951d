"""The rows of the live consultation: cases and threads, calls, attachments, broadcasts, evidence packs, and what is not yet sent."""

from consult.models.attachments import Attachment
from consult.models.broadcasts import Addressees, Broadcast, BroadcastRecipient, NoticeChoice
from consult.models.calls import Call, CallConsent, CallRecording, CallSeat
from consult.models.consultations import Consultation, Cursor, Event, NoticeThread, Retraction, SideMember, SideThread
from consult.models.packs import EvidencePack
from consult.models.plans import CallPlan
from consult.models.unsent import Draft, ScheduledMessage

__all__ = [
    "Addressees",
    "Attachment",
    "Broadcast",
    "BroadcastRecipient",
    "Call",
    "CallConsent",
    "CallPlan",
    "CallRecording",
    "CallSeat",
    "Consultation",
    "Cursor",
    "Draft",
    "Event",
    "EvidencePack",
    "NoticeChoice",
    "NoticeThread",
    "Retraction",
    "ScheduledMessage",
    "SideMember",
    "SideThread",
]
