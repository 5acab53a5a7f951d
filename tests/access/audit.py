"""Who may do what in the audit of the audit: a part of tests/access/expectations.py."""

from tests.access.expected import Expected
from tests.access.groups import COMPLIANCE

# An auditor reads the log of what everybody did, and takes it along once a second factor was shown.
AUDIT: dict[str, list[Expected]] = {
    "GET /api/compliance/log": [Expected(COMPLIANCE | {"auditor"})],
    "GET /api/compliance/log/export": [Expected(COMPLIANCE, other={"auditor": 403})],
}
