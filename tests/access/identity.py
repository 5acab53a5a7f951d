"""Who may do what about signing in, factors and sessions: everybody's own, and nobody else's."""

from records import demo
from tests.access.expected import Expected
from tests.access.groups import COMPLIANCE, PATIENTS, PRESENT, STAFF
from tests.access.world import DEACTIVATED, SIGNED_OUT, SUBJECTS

_OPEN = {SIGNED_OUT: 401, DEACTIVATED: 401}

IDENTITY: dict[str, list[Expected]] = {
    # Sessions
    "GET /api/hospital": [Expected(SUBJECTS)],
    "GET /api/session": [Expected(SUBJECTS, other=_OPEN)],
    "POST /api/session": [Expected(SUBJECTS, body={"login": "D1001", "password": "demo-xinqiao-2026"})],
    "DELETE /api/session": [Expected(PRESENT, 204)],
    "POST /api/session/socket-ticket": [Expected(PRESENT)],
    "PUT /api/session/needs": [Expected(PRESENT, 204, {"needs": ["hearing"]})],
    "PUT /api/session/language": [Expected(PRESENT, 204, {"language": "en"})],
    # The demo is off
    "GET /api/demo/people": [Expected(set(), other={SIGNED_OUT: 404, DEACTIVATED: 404})],
    "POST /api/demo/session": [Expected(set(), body={"person": "{patient_id}"}, other={SIGNED_OUT: 404, DEACTIVATED: 404})],
}

# Second factors: of staff alone. In this world the compliance office has set one up, and the others have not.
_CODE = {"code": "000000"}
_PASSKEY = {"name": "x", "passkey": {}}
_WRONG = dict.fromkeys(STAFF, 422)

IDENTITY |= {
    "GET /api/session/factor": [Expected(STAFF)],
    "POST /api/session/factor/passkey": [Expected(STAFF)],
    "POST /api/session/factor": [Expected(set(), body=_CODE, other=_WRONG)],
    "GET /api/session/fresh": [Expected(COMPLIANCE, 204, other=dict.fromkeys(STAFF - COMPLIANCE, 403))],
    "GET /api/me/factors": [Expected(STAFF)],
    "POST /api/me/factors/totp": [Expected(STAFF)],
    "PUT /api/me/factors/totp": [Expected(set(), body=_CODE, other=_WRONG)],
    "POST /api/me/factors/passkey": [Expected(STAFF)],
    "PUT /api/me/factors/passkey": [Expected(set(), body=_PASSKEY, other=_WRONG)],
    "POST /api/me/factors/recovery": [Expected(COMPLIANCE, other=dict.fromkeys(STAFF - COMPLIANCE, 403))],
    "DELETE /api/me/factors/{factor_id}": [Expected(set(), other=dict.fromkeys(STAFF - COMPLIANCE, 403))],  # nobody's
}

# There is no provider of single sign-on in this world, and no sign-in waits for its second factor.
_NOWHERE = dict.fromkeys({SIGNED_OUT, DEACTIVATED}, 404)
IDENTITY |= {
    "GET /api/session/sso/name": [Expected(set(), other=_NOWHERE)],
    "GET /api/session/sso": [Expected(set(), other=_NOWHERE)],
    "GET /api/session/sso/callback": [Expected(set(), other=_NOWHERE)],
    "GET /api/session/step": [Expected(set(), other=dict.fromkeys(SUBJECTS, 401))],
}

_CHANGE = {"old": demo.PASSWORD, "new": "2468-0397-1573-8642"}

# Everybody's own sessions and password, each in the one of this world. No sign-in waits for a password to be chosen.
IDENTITY |= {
    "PUT /api/me/password": [Expected(PATIENTS | COMPLIANCE, body=_CHANGE, other=dict.fromkeys(STAFF - COMPLIANCE, 403))],
    "POST /api/session/password": [Expected(set(), body={"new": _CHANGE["new"]}, other=dict.fromkeys(SUBJECTS, 401))],
    "GET /api/me/sessions": [Expected(PRESENT)],
    "DELETE /api/me/sessions": [Expected(PRESENT, 204)],
    "DELETE /api/me/sessions/{sign_in_id}": [Expected(set())],  # nobody's
}
