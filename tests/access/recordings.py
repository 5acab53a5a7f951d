"""Who may do what with follow-up calls, their recordings and transcripts: a part of tests/access/expectations.py."""

from tests.access.expected import Expected
from tests.access.groups import CARDIOLOGY, CARERS, DOCTORS, HEARING, LEADS, NURSES, OWN, PRESENT

_CALL = {"patient": "{patient_id}", "title": "电话随访", "due_at": "2026-12-01T09:00:00Z"}
_LINE = {"client_id": "access-matrix", "based_on": 1, "edits": [{"segment": 0, "text": "您好吗"}]}
_SIGNED = {"version": 1, "doubts_left": 0, "speakers_confirmed": True}
_OUTCOME = {"client_id": "access-matrix", "outcome": "done", "consent": "granted"}

RECORDINGS: dict[str, list[Expected]] = {
    "GET /api/followups": [Expected(DOCTORS | NURSES)],
    "POST /api/followups": [Expected(CARERS, 201, _CALL)],
    "POST /api/followups/{follow_up_id}/take": [
        Expected(CARERS, other={"treating doctor": 409}),  # it is the nurse's
        Expected(CARDIOLOGY - LEADS, address="/api/followups/{left_behind_id}/take"),
    ],
    "POST /api/followups/{follow_up_id}/outcomes": [Expected({"nurse on the team"}, body=_OUTCOME)],
    "GET /api/followups/{follow_up_id}/device-key": [Expected({"nurse on the team"})],
    "POST /api/exchange/calls": [Expected(PRESENT, 401)],  # exchanges have tokens of their own
    "POST /api/followups/{follow_up_id}/recordings": [Expected({"nurse on the team"}, 201, "a recording")],
    "GET /api/recordings/{recording_id}": [
        Expected(OWN | CARERS | HEARING),
        Expected(OWN | CARERS | HEARING, address="/api/recordings/{talk_id}"),
    ],
    "GET /api/recordings/{recording_id}/audio": [
        Expected(OWN | CARERS | HEARING),
        Expected(OWN | CARERS | HEARING, address="/api/recordings/{talk_id}/audio"),
    ],
    "GET /api/recordings/{recording_id}/transcript": [Expected(OWN | CARERS | HEARING)],
    "POST /api/recordings/{recording_id}/transcript/corrections": [Expected(CARERS, body=_LINE)],
    "POST /api/recordings/{recording_id}/transcript/sign-off": [Expected(CARERS, body=_SIGNED)],
    "GET /api/recordings/{recording_id}/transcript/draft": [Expected(CARERS)],
    "PUT /api/recordings/{recording_id}/transcript/draft": [Expected(CARERS, body={"text": "{}", "version": 0})],
    "POST /api/charts/{patient_id}/transcripts/search": [Expected(OWN | CARERS | HEARING, body={"query": "您好"})],
    "GET /api/recordings/{recording_id}/peaks": [Expected(OWN | CARERS | HEARING)],
    "POST /api/recordings/{recording_id}/retry": [Expected(CARERS, 409)],  # it did not fail
    "POST /api/recordings/{recording_id}/cancel": [Expected(CARERS, 409)],  # it is transcribed already
    "POST /api/recordings/{recording_id}/first": [Expected(CARERS, 409)],
}
