"""Who takes part in a conversation takes the proof of an entry home, and checks it without the hospital."""

import hashlib
import json
from typing import Any

import pytest

from consult.models import Event
from records.ledger import published, signing
from records.ledger.leaves import leaf_hash
from records.ledger.sequencer import Sequencer
from tests.cast import consultation


@pytest.mark.django_db
def test_wang_proves_what_she_said_without_the_hospital(browser_of: Any) -> None:
    case = consultation(said=(("wang", "早上头晕"),))
    said = Event.objects.get(thread_id=case.id, kind="message.posted")
    address = f"/api/consultations/{case.id}/events/{said.seq}/proof"
    wang = browser_of("wang")
    waits = wang.get(address)
    assert (waits.status_code, waits.json()["code"], waits.json()["retry"]) == (409, "proof.pending", True)
    Sequencer().drain()
    answer = wang.get(address)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].endswith(f'-{said.seq}.tlog-proof"')
    entry = published.parse_proof(answer.content.decode()).extra
    published.check_proof(answer.content.decode(), leaf_hash(entry), signing.verifier())
    told = json.loads(entry)
    assert (told["chain"], told["seq"], told["kind"]) == (str(case.id), said.seq, "message.posted")
    assert told["content"] == hashlib.sha256(bytes(said.body)).hexdigest()
