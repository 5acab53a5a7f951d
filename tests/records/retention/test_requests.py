"""A patient wants a consultation erased: now, or sealed until the law lets it go; with a certificate that a stranger can check."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone

from consult import audiences, consultations, timeline
from consult.models import Consultation, Event
from consult.protocol import ConsultationReopen
from consult.writing.acts import Submission
from records.errors import NOT_FOUND
from records.ledger import signing
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.retention import certificates, holds, replaying, requests, runs, shredding
from records.retention.models import RightsRequest, Tombstone
from records.retention.shredding import HELD, NOT_THERE
from records.tasks import let_go
from records.vault import KeyMissing
from tests.cast import client_id, id_of, lift_guard, who
from tests.consult.test_batch import code, message, new_session, store, unheard
from tests.records.retention.conftest import key_of, old_case, years_ago
from tests.records.retention.test_shredding import WHY, refused
from tests.records.test_family import let_in

BECAUSE = "已满最短保存期限"


def granted(case: Consultation) -> RightsRequest:
    asked = requests.ask(who("wang"), case.id)
    return requests.decide(who("zhou"), asked.id, grant=True, reason=BECAUSE)


def test_after_the_minimum_it_goes_at_once_and_there_is_a_certificate(cast: None) -> None:
    case = old_case(4)
    done = granted(case)
    assert done.state == "done"
    with pytest.raises(KeyMissing):
        timeline.body_of(Event.objects.filter(thread=case.id)[0])
    said = certificates.verify(done.certificate, [signing.verifier()])
    assert said.case == str(case.id)
    assert [one.tombstone for one in said.destroyed] == [Tombstone.objects.get().seq]
    assert check_chain(done.id).findings == []
    assert requests.reason_of(done) == BECAUSE


def test_a_stranger_checks_the_certificate_with_the_public_key_alone(cast: None) -> None:
    note = granted(old_case(4)).certificate
    raw = base64.b64decode(str(signing.verifier()).split("+", 2)[2])
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    text, signature = note.split("\n\n")
    value = base64.b64decode(signature.split()[2])[4:]
    key.verify(value, (text + "\n").encode())
    assert json.loads(text.split("\n")[1])["destroyed"][0]["label"] == "consultation"
    with pytest.raises(InvalidSignature):
        key.verify(value, (text.replace("consultation", "side") + "\n").encode())


def test_before_the_minimum_it_is_sealed_and_only_the_patient_still_reads_it(cast: None) -> None:
    case = old_case(1)
    sealed = granted(case)
    assert sealed.state == "sealed"
    assert sealed.sealed_until is not None
    assert 700 < (sealed.sealed_until - timezone.now()).days < 732
    assert audiences.audience(case.id) == {id_of("wang")}
    refused(NOT_FOUND, lambda: audiences.load(who("zhao"), case.id))
    assert audiences.load(who("wang"), case.id).id == case.id
    assert let_go() == 0


def test_a_relative_is_out_of_what_is_sealed_also_for_the_writer_and_is_not_let_in_again(cast: None) -> None:
    case = old_case(1)
    let_in()
    session = new_session()
    read = Submission(case.id, id_of("chen"), session, "consultation.read", None, unheard, read=1)
    assert [code(one) for one in store(read, message(case.id, "chen", session, "在吗", "chen-1"))] == [
        "committed",
        "consultation.closed_already",
    ]
    granted(case)
    assert [code(one) for one in store(read, message(case.id, "chen", session, "在吗", "chen-2"))] == ["not_found"] * 2
    let_in()
    assert [code(one) for one in store(read, message(case.id, "chen", session, "在吗", "chen-3"))] == ["not_found"] * 2
    assert audiences.audience(case.id) == {id_of("wang")}


def test_on_its_day_it_goes_by_itself(cast: None) -> None:
    case = old_case(3.5)
    with years_ago(1):
        sealed = granted(case)
    assert sealed.state == "sealed"
    assert let_go() == 1
    assert Consultation.objects.get(chain=case.id).kept == "shredded"
    sealed.refresh_from_db()
    assert (sealed.state, bool(sealed.certificate)) == ("done", True)
    refused(NOT_FOUND, lambda: audiences.load(who("wang"), case.id))
    assert let_go() == 0


def test_a_request_under_a_hold_is_not_granted_and_a_sealed_one_waits(cast: None) -> None:
    case = old_case(4)
    asked = requests.ask(who("wang"), case.id)
    holds.place(who("zhou"), patient=None, case=case.id, reason=WHY)
    refused(HELD, lambda: requests.decide(who("zhou"), asked.id, grant=True, reason=BECAUSE))
    RightsRequest.objects.filter(chain=asked.id).update(state="sealed", sealed_until=timezone.now())
    assert let_go() == 0
    assert Tombstone.objects.count() == 0


def test_only_ones_own_closed_case_and_only_once(cast: None) -> None:
    case = old_case(4)
    refused(NOT_FOUND, lambda: requests.ask(who("wu"), case.id))
    refused(requests.STILL_OPEN, lambda: requests.ask(who("wang"), old_case(4, summary=None).id))
    asked = requests.ask(who("wang"), case.id)
    refused(requests.ASKED_BEFORE, lambda: requests.ask(who("wang"), case.id))
    requests.decide(who("zhou"), asked.id, grant=False, reason="有未结的投诉")
    refused(requests.DECIDED, lambda: requests.decide(who("zhou"), asked.id, grant=True, reason=BECAUSE))
    assert requests.ask(who("wang"), case.id).state == "waiting"


def certified(request: RightsRequest) -> list[int]:
    said = certificates.verify(RightsRequest.objects.get(chain=request.id).certificate, [signing.verifier()])
    return [one.tombstone for one in said.destroyed]


def test_what_a_run_destroyed_before_the_decision_stands_in_the_certificate(cast: None) -> None:
    case = old_case(6)
    asked = requests.ask(who("wang"), case.id)
    runs.begin(runs.preview().digest, None)
    runs.work()
    done = requests.decide(who("zhou"), asked.id, grant=True, reason=BECAUSE)
    assert done.sealed_until is not None
    assert abs((timezone.now() - done.sealed_until).total_seconds()) < 3600
    assert certified(done) == [Tombstone.objects.get().seq]
    refused(NOT_THERE, lambda: requests.ask(who("wang"), case.id))


def test_what_went_again_after_a_restore_stands_in_the_certificate(cast: None) -> None:
    case = old_case(3.5)
    with years_ago(1):
        sealed = granted(case)
    shredding.shred(key_of(case.id), replaying.WHY)
    assert let_go() == 1
    assert certified(sealed) == [Tombstone.objects.get().seq]


def test_two_who_carry_it_out_at_once_make_one_certificate(cast: None) -> None:
    """Each looked for what is ripe before the other had done it."""
    case = old_case(3.5)
    with years_ago(1):
        sealed = granted(case)
    first, second = (RightsRequest.objects.get(chain=sealed.id) for _ in range(2))
    assert requests.carry_out(first)
    assert not requests.carry_out(second)
    assert certified(sealed) == [Tombstone.objects.get().seq]
    assert Leaf.objects.filter(chain=sealed.id, kind=requests.DONE).count() == 1


def test_of_nothing_there_is_no_certificate(cast: None) -> None:
    """As when somebody took the tombstones out of the database."""
    case = old_case(3.5)
    with years_ago(1):
        sealed = granted(case)
    shredding.shred(key_of(case.id), "maximum")
    lift_guard("records_tombstone")
    Tombstone.objects.all().delete()
    assert let_go() == 0
    sealed.refresh_from_db()
    assert (sealed.state, sealed.certificate) == ("sealed", "")


def test_what_was_opened_again_meanwhile_is_not_granted(cast: None) -> None:
    case = old_case(4)
    asked = requests.ask(who("wang"), case.id)
    consultations.reopen(who("wang"), ConsultationReopen("m", case.id, client_id(), "又头晕了"))
    refused(requests.STILL_OPEN, lambda: requests.decide(who("zhou"), asked.id, grant=True, reason=BECAUSE))
