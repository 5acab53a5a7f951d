"""Officer Zhou reads a case under a grant, and is told in words whether it is whole."""

import pytest

from consult.models import Consultation, Event
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from tests.cast import code_of, consultation, lift_guard
from tests.consult.reviewing import MARKER, Open, discussed, found, granted, read

pytestmark = pytest.mark.once


def test_the_conversation_is_read_whole_with_the_proof_of_every_act(browser_of: Open, case: Consultation) -> None:
    page = read(browser_of("zhou"), granted(case)).json()
    events = page["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["kind"] for event in events] == [
        "consultation.opened",
        "consultation.claimed",
        "message.posted",
        "message.posted",
        "consultation.closed",
    ]
    assert [event["body"].get("text") for event in events[2:4]] == [f"您好，{MARKER}", f"谢谢，{MARKER}"]
    assert all(event["verified"] and event["tree_index"] is not None for event in events)
    leaves = Leaf.objects.filter(chain_id=case.id).order_by("seq")
    assert [event["hash"] for event in events] == [bytes(leaf.hash).hex() for leaf in leaves]
    assert [person["name"] for person in page["people"]] == ["王秀兰", "赵文博"]
    assert page["integrity"]["state"] == "verified"
    assert all(check["ok"] and check["zh"] and check["en"] for check in page["integrity"]["checked"])


def test_what_was_said_beside_the_case_is_read_with_it(browser_of: Open, cast: None) -> None:
    case = discussed()
    Sequencer().drain()
    assert read(browser_of("zhou"), granted(case)).json()["side"] is None, "the discussion was not asked for"
    page = read(browser_of("zhou"), granted(case, "conversation", "discussion")).json()
    assert MARKER not in str(page["events"])
    assert [event["kind"] for event in page["side"]["events"]] == ["side.opened", "message.posted"]
    assert page["side"]["events"][1]["body"]["text"] == f"建议复查，{MARKER}"
    assert page["side"]["integrity"]["state"] == "verified"


def test_the_reading_is_in_the_ledger_before_a_word_is_opened(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong while opening, the leaf is there."""
    grant = granted(case)
    seen: list[int] = []

    def stops(event: Event) -> bytes:
        seen.append(Leaf.objects.filter(chain_id=grant, kind="grant.read").count())
        raise MemoryError

    monkeypatch.setattr("consult.timeline.body_of", stops)
    answer = read(browser_of("zhou"), grant)
    assert (answer.status_code, code_of(answer)) == (500, "internal")
    assert answer.json()["ref"]
    assert MARKER not in answer.content.decode()
    assert seen == [1]


def test_wang_sees_who_read_her_case_and_why(browser_of: Open, case: Consultation) -> None:
    grant = granted(case)
    zhou = browser_of("zhou")
    read(zhou, grant)
    read(zhou, grant)
    looks = browser_of("wang").get("/api/charts/me/access").json()
    assert [(look["person"]["name"], look["role"], look["consultation"]) for look in looks] == [
        ("周宁", "officer", str(case.id))
    ]
    assert (looks[0]["action"]["zh"], looks[0]["reason"]["zh"]) == ("查阅了咨询对话", "投诉处理")
    assert browser_of("wu").get("/api/charts/me/access").json() == []


def test_what_still_waits_for_its_signature_is_said_to_be_pending(browser_of: Open, case: Consultation) -> None:
    newer = consultation(summary="好转")
    page = read(browser_of("zhou"), granted(newer)).json()
    assert page["integrity"]["state"] == "pending"
    assert not any(event["verified"] for event in page["events"])


def test_a_long_case_is_checked_when_it_is_opened_not_in_lists(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consult.oversight.review.LISTED_ENTRIES", 4)
    zhou = browser_of("zhou")
    assert found(zhou)["cases"][0]["integrity"] == "unknown"
    assert read(zhou, granted(case)).json()["integrity"]["state"] == "verified"


def test_a_changed_message_is_named_and_the_others_still_stand(browser_of: Open, case: Consultation) -> None:
    lift_guard("consult_event")
    event = Event.objects.get(thread_id=case.id, seq=3)
    body = bytearray(bytes(event.body))
    body[-1] ^= 1
    Event.objects.filter(id=event.id).update(body=bytes(body))
    page = read(browser_of("zhou"), granted(case)).json()
    assert page["integrity"]["state"] == "mismatch"
    assert [event["verified"] for event in page["events"]] == [True, True, False, True, True]
    assert page["events"][2]["body"] is None
    assert found(browser_of("zhou"))["cases"][0]["integrity"] == "mismatch"


def test_two_swapped_messages_are_both_named(browser_of: Open, case: Consultation) -> None:
    lift_guard("consult_event")
    one, two = Event.objects.filter(thread_id=case.id, kind="message.posted").order_by("seq")
    Event.objects.filter(id=one.id).update(body=two.body)
    Event.objects.filter(id=two.id).update(body=one.body)
    page = read(browser_of("zhou"), granted(case)).json()
    assert [event["verified"] for event in page["events"]] == [True, True, False, False, True]


def test_a_deleted_message_is_missed_in_its_place(browser_of: Open, case: Consultation) -> None:
    lift_guard("consult_event")
    Event.objects.filter(thread_id=case.id, seq=4).delete()
    page = read(browser_of("zhou"), granted(case)).json()
    assert (page["integrity"]["state"], len(page["events"])) == ("mismatch", 5)
    assert (page["events"][3]["seq"], page["events"][3]["body"], page["events"][3]["verified"]) == (4, None, False)


def test_a_leaf_cut_out_of_chain_and_tree_leaves_nothing_proven(browser_of: Open, case: Consultation) -> None:
    for table in ("records_leaf", "records_treeentry"):
        lift_guard(table)
    leaf = Leaf.objects.get(chain_id=case.id, seq=3)
    leaf.place.delete()
    leaf.delete()
    page = read(browser_of("zhou"), granted(case)).json()
    assert page["integrity"]["state"] == "mismatch"
    assert "seq 4, leaf" in page["integrity"]["sentence"]["en"], "it says where"
    assert "an entry before this one is missing" in page["integrity"]["sentence"]["en"]
    assert (page["upto"], [event["seq"] for event in page["events"]]) == (5, [1, 2, 4, 5]), "the gap is a gap"
    assert not any(event["verified"] for event in page["events"])
