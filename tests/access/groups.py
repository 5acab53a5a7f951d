"""The subjects of the matrix, by how they stand to Wang's record."""

from tests.access.world import DEACTIVATED, SIGNED_OUT, SUBJECTS

PRESENT = SUBJECTS - {SIGNED_OUT, DEACTIVATED}

SPEAKING = {"relative"}  # on Wang's behalf
SEEING = {*SPEAKING, "relative who may only see"}
HEARING = {"relative who hears calls"}  # recorded ones, and nothing else
IN_RECORD = {"relative", "relative who sees medication", *HEARING}  # in parts of it
FORMER = {"relative whose time is over", "relative who was shut out"}
PATIENTS = {"own patient", "other patient", *SEEING, *IN_RECORD, *FORMER}
OWN = {"own patient"}
TREATING = {"treating doctor"}
DISCUSSING = {"treating doctor", "other department's doctor"}  # whom the treating doctor asked in; the patient never
CARERS = {"treating doctor", "nurse on the team"}
DOCTORS = {"treating doctor", "former doctor", "colleague", "other department's doctor"}
NURSES = {"nurse on the team", "nurse not on the team", "nurse whose care has ended"}
LEADS = {"lead of the department"}
CARDIOLOGY = {"treating doctor", "former doctor", "colleague", *NURSES, *LEADS}
GRANTED = {"officer with a grant"}
URGENT = {"officer who broke the glass"}
ENDED = {"officer with an expired grant", "officer with a revoked grant"}
OFFICERS = {"officer without a grant", *GRANTED, *ENDED, *URGENT}
APPROVERS = {"approver"}
COMPLIANCE = OFFICERS | APPROVERS
STAFF = PRESENT - PATIENTS
