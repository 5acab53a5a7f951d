"""The values that commands and events are made of, each with its bounds."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

MAX_ID_CHARS: Final = 64
RequestId = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Text = Annotated[str, Meta(min_length=1, max_length=8000)]
Caption = Annotated[str, Meta(max_length=8000)]  # empty beside a picture or a voice note
Complaint = Annotated[str, Meta(min_length=1, max_length=2000)]
Summary = Annotated[str, Meta(min_length=1, max_length=4000)]
Advice = Annotated[str, Meta(max_length=4000)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Remark = Annotated[str, Meta(max_length=500)]
Place = Annotated[int, Meta(ge=1, le=2**53 - 1)]  # the sequence of an act that exists
MAX_ATTACHMENTS: Final = 9
MAX_MENTIONS: Final = 10
MAX_ROUNDS: Final = 20
MAX_HOURS: Final = 720
Duration = Literal["today", "days", "weeks", "months", "longer", "unknown"]
RedFlag = Literal["chest_pain", "one_sided_weakness", "breathless", "heavy_bleeding", "unconscious", "self_harm"]
Consent = Literal["consultation", "privacy"]
