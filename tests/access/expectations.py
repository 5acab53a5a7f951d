"""Who may do what, written down from the product's promises and not from its code.

Everybody not named for an endpoint gets 404; whoever has no session, or a closed account, gets 401.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.access.audit import AUDIT
from tests.access.expected import Expected
from tests.access.groups import (
    APPROVERS,
    CARDIOLOGY,
    CARERS,
    COMPLIANCE,
    DISCUSSING,
    DOCTORS,
    ENDED,
    GRANTED,
    IN_RECORD,
    LEADS,
    NURSES,
    OFFICERS,
    OWN,
    PATIENTS,
    PRESENT,
    SEEING,
    SPEAKING,
    TREATING,
    URGENT,
)
from tests.access.identity import IDENTITY
from tests.access.recordings import RECORDINGS


def _entry(text: str = "x") -> dict[str, Any]:
    return {"client_id": "access-matrix", "kind": "note", "text": text}


_REQUEST = {
    "cases": ["{case_id}"],
    "content": ["conversation"],
    "purpose": "quality",
    "case_number": "",
    "reason": "季度质量抽查，需要核对对话的完整记录内容。",
    "hours": 1,
}
_SAID = {"client_id": "access-matrix", "text": "头晕"}
_AGAIN = {"tries": 1}
_AMEND = {"client_id": "access-matrix", "text": "x", "reason": "y"}
_DRAFT = {"text": "x", "version": 0}
_LATER = {"client_id": "access-matrix", "text": "x", "at": (timezone.now() + timedelta(hours=1)).isoformat()}
_NOTICE = {"client_id": "access-matrix", "title": "x", "text": "y", "expected": 1}
_NOBODY = {"phone": "1", "name": "x", "messages": "see", "days": 1}
_FOUND = {"finding": "justified", "text": "患者有危险"}
_TERM = {"minimum": 72, "maximum": 120}
_SOON = (timezone.localdate() + timedelta(days=90)).isoformat()

GRANT = "/api/compliance/grants/{grant_id}"
DESK = "/api/compliance"
REQUEST = "/api/compliance/requests/{grant_id}"

# Several expectations for one endpoint: the same act on objects that a person stands to differently.
EXPECTED: dict[str, list[Expected]] = {
    # Consultations
    "GET /api/departments": [Expected(PRESENT)],
    "GET /api/consultations": [Expected(PATIENTS | DOCTORS | NURSES | LEADS)],
    "GET /api/queue": [Expected(DOCTORS | NURSES | LEADS)],
    "GET /api/consultations/{consultation_id}": [
        Expected(OWN | TREATING | SEEING),
        Expected(OWN | CARDIOLOGY | SEEING, address="/api/consultations/{queued_id}"),
        Expected(OWN | TREATING | SEEING, address="/api/consultations/{case_id}"),
    ],
    "GET /api/consultations/{consultation_id}/events": [
        Expected(OWN | TREATING | SEEING),
        Expected(OWN | SEEING, address="/api/consultations/{queued_id}/events"),
        Expected(OWN | TREATING | SEEING, address="/api/consultations/{case_id}/events"),
        Expected(DISCUSSING, address="/api/consultations/{side_id}/events"),
        Expected(OWN, address="/api/consultations/{notices_id}/events"),
    ],
    "GET /api/consultations/{consultation_id}/events/{seq}/proof": [
        Expected(OWN | TREATING | SEEING, address="/api/consultations/{consultation_id}/events/1/proof"),
        Expected(DISCUSSING, address="/api/consultations/{side_id}/events/1/proof"),
        Expected(set(), address="/api/consultations/{consultation_id}/events/999999/proof"),
    ],
    "GET /api/sides": [Expected(DOCTORS | NURSES | LEADS)],
    "GET /api/consultations/{consultation_id}/side": [Expected(DISCUSSING)],
    "GET /api/consultations/{consultation_id}/room": [
        Expected(OWN | TREATING | SEEING),
        Expected(DISCUSSING, address="/api/consultations/{side_id}/room"),
        Expected(OWN, address="/api/consultations/{notices_id}/room"),
    ],
    "GET /api/rooms/{room_id}": [Expected(OWN | DISCUSSING), Expected(DISCUSSING, address="/api/rooms/{side_room_id}")],
    "GET /api/colleagues": [Expected(DOCTORS | NURSES | LEADS)],
    # Voice notes: one of Wang's and one of Dr Zhao's in her case, one of his beside it
    "POST /api/consultations/{consultation_id}/attachments": [
        Expected(OWN | TREATING | SPEAKING, 201, "a photo"),
        Expected(DISCUSSING, 201, "a photo", address="/api/consultations/{side_id}/attachments"),
        Expected(OWN | TREATING | SPEAKING, 409, "a photo", address="/api/consultations/{case_id}/attachments"),  # it is closed
    ],
    "GET /api/consultations/{consultation_id}/attachments/{attachment_id}/link": [
        Expected(OWN | TREATING | SEEING),
        Expected(DISCUSSING, address="/api/consultations/{side_id}/attachments/{side_attachment_id}/link"),
        Expected(set(), address="/api/consultations/{consultation_id}/attachments/{side_attachment_id}/link"),
    ],
    # Her own link; for everybody else it is nothing.
    "GET /api/media/{token}": [Expected(OWN, other=dict.fromkeys(PRESENT - OWN, 403))],
    "POST /api/consultations/{thread_id}/voice-notes": [
        Expected(OWN | TREATING | SPEAKING, 201, "a voice note"),
        Expected(DISCUSSING, 201, "a voice note", address="/api/consultations/{side_id}/voice-notes"),
        Expected(OWN | TREATING | SPEAKING, 409, "a voice note", address="/api/consultations/{case_id}/voice-notes"),  # closed
    ],
    # In the words of another version of tus, for whoever these are there at all.
    "POST /api/calls/{call_id}/tracks": [Expected(OWN | TREATING, 412)],
    "HEAD /api/tracks/{track_id}": [Expected(OWN, 412)],
    "PATCH /api/tracks/{track_id}": [Expected(OWN, 412)],
    "POST /api/tracks/{track_id}": [Expected(OWN, 422)],
    "GET /api/tracks/{track_id}": [Expected(OWN)],
    "OPTIONS /api/tracks": [Expected(PRESENT, 204)],
    "GET /api/consultations/{consultation_id}/captures": [Expected(OWN | TREATING | SEEING)],
    "GET /api/voice-notes/{note_id}": [
        Expected(OWN | TREATING | SEEING),
        Expected(DISCUSSING, address="/api/voice-notes/{side_note_id}"),
    ],
    "GET /api/voice-notes/{note_id}/audio": [
        Expected(OWN | TREATING | SEEING),
        Expected(DISCUSSING, address="/api/voice-notes/{side_note_id}/audio"),
    ],
    "POST /api/voice-notes/{note_id}/correction": [
        Expected(OWN, 409, _SAID),  # not transcribed yet
        Expected(TREATING, 409, _SAID, address="/api/voice-notes/{side_note_id}/correction"),
    ],
    "POST /api/voice-notes/{note_id}/retry": [
        Expected(OWN | TREATING, body=_AGAIN),
        Expected(TREATING, body=_AGAIN, address="/api/voice-notes/{doctors_note_id}/retry"),  # not hers
        Expected(DISCUSSING, body=_AGAIN, address="/api/voice-notes/{side_note_id}/retry"),
    ],
    # What is not said yet, and looking for what was
    "GET /api/drafts": [Expected(PRESENT)],
    "GET /api/drafts/{thread_id}": [
        Expected(OWN | TREATING | SPEAKING),
        Expected(DISCUSSING, address="/api/drafts/{side_id}"),
        Expected(set(), address="/api/drafts/{notices_id}"),
    ],
    "PUT /api/drafts/{thread_id}": [
        Expected(OWN | TREATING | SPEAKING, body=_DRAFT),
        Expected(DISCUSSING, body=_DRAFT, address="/api/drafts/{side_id}"),
    ],
    "DELETE /api/drafts/{thread_id}": [Expected(OWN | TREATING | SPEAKING, address="/api/drafts/{thread_id}?version=0")],
    "GET /api/scheduled": [
        Expected(PRESENT),
        Expected(TREATING, address="/api/scheduled?consultation={thread_id}"),
    ],
    "POST /api/scheduled": [
        Expected(TREATING, 201, {**_LATER, "consultation": "{thread_id}"}),
        Expected(DISCUSSING, 201, {**_LATER, "consultation": "{side_id}"}),
        Expected(set(), 201, {**_LATER, "consultation": "{notices_id}"}),
    ],
    "DELETE /api/scheduled/{scheduled_id}": [Expected(TREATING)],
    "POST /api/search": [
        Expected(PATIENTS | DOCTORS | NURSES | LEADS, body={"query": "头晕"}),
        Expected(OWN | TREATING | SEEING, body={"query": "头晕", "consultation": "{thread_id}"}),
        Expected(DISCUSSING, body={"query": "头晕", "consultation": "{side_id}"}),
        Expected(OWN, body={"query": "头晕", "consultation": "{notices_id}"}),
    ],
    # Broadcasts: Nurse Sun's, of whose patients Wang is one
    "GET /api/cohorts": [Expected(DOCTORS | NURSES | LEADS)],
    "GET /api/broadcasts": [Expected(DOCTORS | NURSES | LEADS)],
    "POST /api/broadcasts": [
        Expected(TREATING | NURSES | LEADS, 201, {**_NOTICE, "patients": ["{patient_id}"]}),
        Expected(set(), 201, {**_NOTICE, "cohort": "department:{other_department_id}"}),
    ],
    "GET /api/broadcasts/{broadcast_id}": [Expected({"nurse on the team"})],
    "GET /api/broadcasts/{broadcast_id}/recipients": [Expected({"nurse on the team"})],
    "POST /api/broadcasts/{broadcast_id}/stop": [Expected({"nurse on the team"})],
    "GET /api/notices": [Expected(PATIENTS)],
    "PUT /api/notices/opt-out": [Expected(PATIENTS, body={"opted_out": True})],
    "POST /api/commands": [Expected(PRESENT, 400, {"type": "ping", "id": "1"})],
    # Records
    "GET /api/charts": [Expected(DOCTORS | NURSES)],
    "GET /api/charts/{patient_id}": [Expected(OWN | CARERS | IN_RECORD)],
    "GET /api/charts/me/access": [Expected(PATIENTS)],
    "POST /api/charts/{patient_id}/entries": [Expected(CARERS, body=_entry())],
    "POST /api/charts/{patient_id}/entries/{entry_id}/amend": [Expected(CARERS, body=_AMEND)],
    # Compliance
    "GET /api/compliance/cases": [Expected(COMPLIANCE)],
    "GET /api/compliance/requests": [
        Expected(COMPLIANCE),
        Expected(COMPLIANCE, address="/api/compliance/requests?role=approve"),
    ],
    "POST /api/compliance/requests": [Expected(OFFICERS, 201, _REQUEST)],
    "GET /api/compliance/requests/{grant_id}": [Expected(GRANTED | ENDED | URGENT | APPROVERS)],
    "POST /api/compliance/requests/{grant_id}/decision": [
        Expected(
            APPROVERS, body={"decision": "approve", "reason": "可以"}, address="/api/compliance/requests/{waiting_id}/decision"
        ),
        Expected(
            APPROVERS,
            body={"decision": "return", "reason": "哪一天？"},
            address="/api/compliance/requests/{waiting_id}/decision",
        ),
    ],
    # It was decided, or is over; the one that waits was not returned.
    "POST /api/compliance/requests/{grant_id}/comments": [Expected(GRANTED | ENDED | URGENT | APPROVERS, 409, {"text": "x"})],
    "POST /api/compliance/requests/{grant_id}/answer": [Expected(GRANTED | ENDED | URGENT, 409, {"text": "x"})],
    "POST /api/compliance/requests/{grant_id}/revoke": [
        Expected(GRANTED | ENDED | URGENT | APPROVERS, body={"reason": "看完了"}, other=dict.fromkeys(ENDED, 409))
    ],
    "POST /api/compliance/emergencies": [
        Expected(OFFICERS, 201, {"case": "{case_id}", "reason": _REQUEST["reason"]}, other=dict.fromkeys(URGENT, 409))
    ],
    "GET /api/compliance/emergencies": [Expected(COMPLIANCE)],
    "POST /api/compliance/requests/{grant_id}/review": [
        Expected(APPROVERS, body=_FOUND, address="/api/compliance/requests/{glass_id}/review"),
        Expected(set(), body=_FOUND),  # it was asked for and agreed to
    ],
    "GET /api/compliance/readings": [Expected(COMPLIANCE)],
    f"GET {GRANT}/conversation": [Expected(GRANTED | URGENT)],
    f"GET {GRANT}/attachments/{{attachment_id}}/file": [
        Expected(GRANTED | URGENT, address=f"{GRANT}/attachments/{{case_attachment_id}}/file"),
        Expected(set()),  # of another case
    ],
    f"POST {GRANT}/search": [Expected(GRANTED | URGENT, body={"query": "您好"})],
    f"GET {GRANT}/annotations": [Expected(GRANTED | URGENT)],
    f"POST {GRANT}/annotations": [
        Expected(GRANTED | URGENT, 201, {"kind": "bookmarked", "part": "conversation", "seq": 1}),
    ],
    f"DELETE {GRANT}/annotations/{{annotation_id}}": [Expected(set(), address=f"{GRANT}/annotations/1")],  # there is none
    f"GET {GRANT}/recordings": [Expected(GRANTED | URGENT)],
    f"GET {GRANT}/recordings/{{recording_id}}/audio": [Expected(GRANTED | URGENT)],
    f"GET {GRANT}/recordings/{{recording_id}}/transcript": [Expected(GRANTED | URGENT)],
    f"GET {GRANT}/packs": [Expected(GRANTED | ENDED | URGENT | APPROVERS)],
    f"POST {GRANT}/packs": [Expected(GRANTED, 201, {})],
    f"POST {GRANT}/packs/preview": [Expected(GRANTED, body={"of": "patient"})],
    "GET /api/compliance/packs/{pack_id}": [Expected(GRANTED | ENDED | APPROVERS)],
    "GET /api/compliance/packs/{pack_id}/file": [Expected(GRANTED)],
    # Keeping and letting go
    "GET /api/compliance/holds": [Expected(COMPLIANCE)],
    "POST /api/compliance/holds": [Expected(OFFICERS, 201, {"number": "{case_number}", "reason": "法院要求保全"})],
    "POST /api/compliance/holds/{hold_id}/review": [Expected(COMPLIANCE, body={"review_on": _SOON})],
    "POST /api/compliance/holds/{hold_id}/release-request": [Expected(COMPLIANCE, body={"reason": "案件已结"})],
    "POST /api/compliance/holds/{hold_id}/release-refusal": [
        Expected(COMPLIANCE, 409, {"reason": "还需保全"}),  # nobody has asked
        Expected(COMPLIANCE, body={"reason": "还需保全"}, address=f"{DESK}/holds/{{asked_hold_id}}/release-refusal"),
    ],
    "POST /api/compliance/holds/{hold_id}/release": [
        Expected(COMPLIANCE, 409),  # nobody asked for it
        Expected(COMPLIANCE, address=f"{DESK}/holds/{{asked_hold_id}}/release", other=dict.fromkeys(GRANTED, 403)),  # asked
    ],
    "GET /api/compliance/retention/rules": [Expected(COMPLIANCE)],
    "PUT /api/compliance/retention/rules/{retention}": [Expected(APPROVERS, body=_TERM)],
    "GET /api/compliance/retention/preview": [Expected(COMPLIANCE)],
    "POST /api/compliance/retention/runs": [Expected(OFFICERS, 409, {"digest": "0" * 64})],  # of no preview
    "GET /api/compliance/erasures": [Expected(COMPLIANCE)],
    "POST /api/compliance/erasures/{request_id}/decision": [Expected(OFFICERS, body={"decision": "grant", "reason": "可以"})],
    "GET /api/rights/copy": [Expected(PATIENTS)],
    "GET /api/rights/erasures": [Expected(PATIENTS)],
    "POST /api/rights/erasures": [
        Expected(OWN, 201, {"consultation": "{case_id}"}),
        Expected(OWN, 409, {"consultation": "{consultation_id}"}),  # it is open
    ],
    "GET /api/rights/erasures/{request_id}/certificate": [Expected(OWN | COMPLIANCE)],
    "GET /api/rights/erasures/{request_id}/certificate/page": [Expected(OWN | COMPLIANCE)],
    "GET /api/admin/departments": [Expected({"administrator"})],
    "PUT /api/admin/departments/{department_id}": [
        Expected(  # who has shown no second factor
            set(),
            body={"sensitive": True},
            address="/api/admin/departments/{other_department_id}",
            other={"administrator": 403},
        )
    ],
    "GET /api/ledger/key": [Expected(PRESENT)],
    "GET /api/family": [Expected(PATIENTS)],
    "POST /api/family": [Expected(PATIENTS, 422, _NOBODY)],
    "DELETE /api/family/{access_id}": [Expected(OWN | SPEAKING, 204, address="/api/family/{family_id}")],
    "GET /api/integrity": [Expected(COMPLIANCE | {"administrator", "auditor"})],
}

EXPECTED |= IDENTITY | AUDIT | RECORDINGS
