"""Types that every router shares."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, StringConstraints


class Body(Schema):
    """What a client sends: an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid")


# Text that people write: without control characters, which no keyboard makes and PostgreSQL refuses (NUL).
Words = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
