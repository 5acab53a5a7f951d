"""What the tests of searching and reading a case share."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from consult import consultations, timeline
from consult.conversation import sides
from consult.models import Consultation
from consult.protocol import ConsultationClose, Posted, SideOpen
from records import grants
from records.ledger.sequencer import Sequencer
from tests.cast import Browser, client_id, consultation, who

Open = Callable[[str], Browser]
CASES = "/api/compliance/cases"
REASON = "家属投诉回复太慢，需要核对当天完整的对话记录。"
# Words that stand nowhere but in what people wrote.
MARKER = "紫色长颈鹿"


@pytest.fixture
def case(cast: None) -> Consultation:
    said = (("zhao", f"您好，{MARKER}"), ("wang", f"谢谢，{MARKER}"))
    made = consultation(said=said, summary=f"好转，{MARKER}")
    Sequencer().drain()
    return made


def discussed() -> Consultation:
    """A case that Dr Zhao thought over with colleagues; the words stand beside it and not in it."""
    made = consultation(said=(("zhao", "您好"), ("wang", "谢谢")))
    side, _ = sides.open_beside(who("zhao"), SideOpen("r", made.id, client_id()))
    with transaction.atomic():
        timeline.append(side, "message.posted", who("zhao"), Posted(f"建议复查，{MARKER}"), client_id())
    consultations.close(who("zhao"), ConsultationClose("r", made.id, client_id(), "好转"))
    return made


def found(browser: Browser, **query: str) -> dict[str, Any]:
    answer = browser.client.get(CASES, query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def granted(case: Consultation, *parts: str) -> UUID:
    terms: dict[str, Any] = {
        "content": parts or ("conversation",),
        "purpose": "complaint",
        "case_number": "T-1",
        "reason": REASON,
        "hours": 8,
    }
    asked = grants.request(who("zhou"), case.id, **terms)
    return grants.decide(who("he"), asked.id, approve=True, reason="理由充分").id


def read(browser: Browser, grant: UUID) -> Any:
    return browser.get(f"/api/compliance/grants/{grant}/conversation")
