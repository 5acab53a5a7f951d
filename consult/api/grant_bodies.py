"""What is said to requests for access."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from consult.api.compliance import Content, Day, Purpose
from records import grants
from records.api.schemas import Body, Words

Finding = Literal["justified", "unjustified"]
Tell = Literal["now", "court", "evidence", "safety"]
Reason = Annotated[Words, StringConstraints(min_length=20, max_length=1000)]
ShortReason = Annotated[Words, StringConstraints(min_length=1, max_length=500)]
Hours = Annotated[int, Field(ge=1, le=grants.MAX_HOURS)]
Contents = Annotated[list[Content], Field(min_length=1, max_length=len(grants.CONTENT))]
Cases = Annotated[list[UUID], Field(min_length=1, max_length=grants.MAX_CASES)]


class Days(Body):
    """Days of the hospital's time zone, both included."""

    since: Day | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("the first day cannot be after the last")
        return self


class NewRequest(Days):
    """`tell`: the patient sees the readings now, or later for one of three reasons."""

    cases: Cases
    content: Contents
    purpose: Purpose
    case_number: Annotated[Words, StringConstraints(max_length=64)] = ""
    reason: Reason
    hours: Hours
    tell: Tell = "now"


class Decision(Days):
    """What is left out is agreed to as it was asked. `cases`: those that may be read, where it is not all of them."""

    decision: Literal["approve", "reject", "return"]
    reason: ShortReason
    hours: Hours | None = None
    content: Contents | None = None
    tell_now: bool = False
    cases: Cases | None = None


class Emergency(Body):
    case: UUID
    reason: Reason


class Found(Body):
    finding: Finding
    text: ShortReason


class Said(Body):
    reason: ShortReason


class Remark(Body):
    text: Annotated[Words, StringConstraints(min_length=1, max_length=1000)]
