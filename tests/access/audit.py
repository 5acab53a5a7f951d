"""Who may do what in the audit of the audit: a part of tests/access/expectations.py."""

from tests.access.expected import Expected
from tests.access.groups import APPROVERS, COMPLIANCE, GRANTED, OFFICERS

# An auditor reads the log of what everybody did, and takes it along once a second factor was shown.
AUDIT: dict[str, list[Expected]] = {
    "GET /api/compliance/log": [Expected(COMPLIANCE | {"auditor"})],
    "GET /api/compliance/log/export": [Expected(COMPLIANCE, other={"auditor": 403})],
}

REVIEW = "/api/compliance/reviews/{month}"

# The month that runs: nobody is named for it, and it cannot be signed yet.
AUDIT |= {
    "GET /api/compliance/reviews": [Expected(COMPLIANCE | {"auditor"})],
    f"GET {REVIEW}": [Expected(COMPLIANCE | {"auditor"})],
    f"GET {REVIEW}/hints/{{key}}": [Expected(COMPLIANCE | {"auditor"})],
    f"POST {REVIEW}/hints/{{key}}/note": [Expected(COMPLIANCE, body={"outcome": "explained", "note": "轮值夜班"})],
    f"POST {REVIEW}/reviewer": [Expected(APPROVERS, body={"person": "{reviewer_id}"})],
    f"POST {REVIEW}/signature": [Expected({"approver"}, 409, {"note": "已看"})],
}

_PLAN = {
    "since": "2020-01-01",
    "until": "2999-01-01",
    "size": 1,
    "hours": 8,
    "reason": "季度质量抽查，需要核对对话的完整记录内容。",
}
_CLEAN = {"verdict": "clean"}
SAMPLE = "/api/compliance/samples/{sample_id}"

RATER = {"officer without a grant"}  # named to grade the same cases
# A sample that Officer Zhou drew, and that waits for its second rater and the approver.
AUDIT |= {
    "GET /api/compliance/samples": [Expected(COMPLIANCE)],
    "POST /api/compliance/samples": [Expected(OFFICERS, 201, _PLAN)],
    f"GET {SAMPLE}": [Expected(GRANTED | RATER | APPROVERS)],
    f"GET {SAMPLE}/draw": [Expected(GRANTED | RATER | APPROVERS)],
    f"POST {SAMPLE}/decision": [
        Expected(APPROVERS, 409, {"decision": "approve", "reason": "可以"})
    ],  # the rater has not joined
    f"POST {SAMPLE}/items/{{position}}/review": [Expected(GRANTED | RATER, 409, _CLEAN)],  # it was not read
    "GET /api/compliance/samples/raters": [Expected(OFFICERS)],
    f"POST {SAMPLE}/participation": [Expected(RATER)],
    f"POST {SAMPLE}/items/{{position}}/resolution": [Expected(GRANTED | RATER | APPROVERS, 409, _CLEAN)],  # nobody has signed
    f"POST {SAMPLE}/items/{{position}}/confirmation": [Expected(GRANTED | RATER, 409)],
    f"POST {SAMPLE}/signature": [Expected(GRANTED | RATER, 409)],  # a case has no verdict
    f"POST {SAMPLE}/closing": [Expected(APPROVERS, 409)],  # it is not signed
    f"GET {SAMPLE}/findings": [Expected(GRANTED | RATER | APPROVERS, 409)],  # blind
}
