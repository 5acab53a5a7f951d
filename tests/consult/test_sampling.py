"""Officer Zhou draws a sample, He Jun agrees, she reads exactly what was drawn and says what she found; both sign; nothing changes."""

import csv
import io
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from consult.models import Consultation, Event
from records import grants, sampling
from records.accesslog import AccessEntry
from records.grants import AccessGrant
from records.ledger.audit import check_chain
from records.ledger.full_audit import check_all
from records.ledger.models import Chain, Leaf
from records.ledger.sequencer import Sequencer
from records.people import RoleGrant
from records.sampling import ItemReview, Sample, SampleItem
from records.sampling.draw import draw
from tests.cast import Browser, code_of, consultation, flipped, id_of, lift_guard, of_today, who
from tests.consult.reviewing import MARKER, REASON, Open, read

pytestmark = pytest.mark.once

SAMPLES = "/api/compliance/samples"
NOTE = f"=请核对，{MARKER}"


@pytest.fixture
def cases(cast: None) -> list[Consultation]:
    """Four that Dr Zhao closed, and one that is open."""
    consultation(said=(("zhao", f"您好，{MARKER}"),))
    return [consultation(said=(("zhao", f"您好，{MARKER}"),), summary="好转") for _ in range(4)]


def planned(zhou: Browser, size: int = 3, **more: Any) -> dict[str, Any]:
    wish = {**of_today(), "size": size, "hours": 72, "reason": REASON, **more}
    answer = zhou.post(SAMPLES, wish)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def agreed(he: Browser, sample: dict[str, Any]) -> dict[str, Any]:
    answer = he.post(f"{SAMPLES}/{sample['id']}/decision", {"decision": "approve", "reason": "可以"})
    assert answer.status_code == 200, answer.content
    made: dict[str, Any] = answer.json()
    return made


def reviewed(zhou: Browser, sample: dict[str, Any], position: int, **body: Any) -> Any:
    return zhou.post(f"{SAMPLES}/{sample['id']}/items/{position}/review", body or {"verdict": "clean"})


def found(kind: str = "clarity", severity: str = "major") -> dict[str, Any]:
    return {"verdict": "found", "findings": [{"kind": kind, "severity": severity, "note": NOTE}]}


def test_a_sample_is_drawn_agreed_to_read_reviewed_signed_twice_and_exported(
    browser_of: Open, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    before = list(Event.objects.order_by("id").values_list("id", "body"))
    sample = planned(zhou)
    assert (sample["state"], sample["population"], sample["redrawn"], len(sample["items"])) == ("waiting", 4, True, 3)
    assert [item["grant_state"] for item in agreed(he, sample)["items"]] == ["approved"] * 3
    for item in sample["items"]:
        assert MARKER in read(zhou, item["grant"]).content.decode()
    assert reviewed(zhou, sample, 1, **found("safety", "critical")).status_code == 200
    for position in (2, 3):
        assert reviewed(zhou, sample, position).status_code == 200
    assert zhou.post(f"{SAMPLES}/{sample['id']}/signature").json()["state"] == "signed"
    closed = he.post(f"{SAMPLES}/{sample['id']}/closing").json()
    assert (closed["state"], closed["closed_by"]["name"], closed["findings"]) == ("closed", "何军", 1)
    assert closed["items"][0]["findings"] == [{"kind": "safety", "severity": "critical", "note": NOTE}]
    answer = zhou.get(f"{SAMPLES}/{sample['id']}/findings?language=en")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert head[4:8] == ["Verdict", "Kind", "Severity", "Note"]
    assert [row[4:8] for row in rows] == [
        ["findings", "Safety", "critical", f"'{NOTE}"],
        ["nothing found", "", "", ""],
        ["nothing found", "", "", ""],
    ]
    assert list(Event.objects.order_by("id").values_list("id", "body")) == before, "no case was altered"
    Sequencer().drain()
    assert check_all().findings == []
    logged = list(AccessEntry.objects.filter(leaf__chain=sample["id"]).order_by("leaf_id").values_list("leaf__kind", "purpose"))
    assert logged == [
        (f"sample.{kind}", "quality") for kind in ("drawn", "reviewed", "reviewed", "reviewed", "signed", "closed", "exported")
    ]


@pytest.mark.once
def test_a_sample_of_fifty_is_closed_with_its_findings(browser_of: Open, cast: None) -> None:
    """The design's own measure, on cases without a word: what is counted here is the reviewing."""
    cases = [consultation(summary="好转") for _ in range(50)]
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = planned(zhou, 50)
    agreed(he, sample)
    for item in sample["items"]:
        grants.open_for_reading(who("zhou"), item["grant"], "conversation", "conversation.read")
        worse = [sampling.Finding("clarity", "major", NOTE)] if item["position"] % 5 == 0 else []
        sampling.review(who("zhou"), sample["id"], item["position"], "found" if worse else "clean", worse)
    sampling.sign(who("zhou"), sample["id"])
    closed = sampling.close(who("he"), sample["id"])
    assert {item.grant.case_id for item in closed.items.all()} == {case.id for case in cases}
    assert he.get(f"{SAMPLES}/{sample['id']}/findings").content.decode().count("\r\n") == 51


def test_a_stranger_draws_the_same_cases_from_what_is_recorded(browser_of: Open, cases: list[Consultation]) -> None:
    zhou = browser_of("zhou")
    sample = planned(zhou, seed="2026-Q4")
    told = zhou.get(f"{SAMPLES}/{sample['id']}/draw").json()
    assert set(told["population"]) == {str(case.id) for case in cases}
    held = [str(row.grant.case_id) for row in SampleItem.objects.order_by("position").select_related("grant")]
    assert [str(case) for case in draw(told["population"], told["size"], "2026-Q4")] == told["drawn"] == held
    leaf = Leaf.objects.get(chain=sample["id"], seq=1)
    assert b'"seed":"2026-Q4","seed_by":"person"' in bytes(leaf.data)
    assert not planned(zhou)["seed_given"]


def test_nothing_is_read_before_it_is_agreed_to_and_nothing_but_what_was_drawn(
    browser_of: Open, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = planned(zhou)
    assert {read(zhou, item["grant"]).status_code for item in sample["items"]} == {404}
    agreed(he, sample)
    covered = set(AccessGrant.objects.filter(request=sample["items"][0]["grant"]).values_list("case_id", flat=True))
    assert covered == {row.grant.case_id for row in SampleItem.objects.select_related("grant")}
    assert read(he, sample["items"][0]["grant"]).status_code == 404
    assert zhou.get("/api/compliance/requests").json() == [], "a sample is not fifty rows in an inbox"
    assert he.get("/api/compliance/requests?role=approve").json() == []


def test_there_is_no_verdict_on_what_was_not_read_but_that_it_could_not_be(browser_of: Open, cases: list[Consultation]) -> None:
    zhou = browser_of("zhou")
    sample = planned(zhou)
    agreed(browser_of("he"), sample)
    answer = reviewed(zhou, sample, 1)
    assert (answer.status_code, code_of(answer)) == (409, "sample.not_read")
    assert reviewed(zhou, sample, 1, verdict="unreadable").status_code == 200
    assert reviewed(zhou, sample, 4).status_code == 404
    for wrong in ({"verdict": "found"}, {"verdict": "clean", "findings": found()["findings"]}):
        assert reviewed(zhou, sample, 1, **wrong).status_code == 422


def test_a_verdict_is_put_right_until_it_is_signed_and_never_after(browser_of: Open, cases: list[Consultation]) -> None:
    zhou = browser_of("zhou")
    sample = planned(zhou, 1)
    agreed(browser_of("he"), sample)
    unsigned = zhou.post(f"{SAMPLES}/{sample['id']}/signature")
    assert (unsigned.status_code, code_of(unsigned)) == (409, "sample.incomplete")
    read(zhou, sample["items"][0]["grant"])
    reviewed(zhou, sample, 1)
    assert reviewed(zhou, sample, 1, **found()).json()["items"][0]["verdict"] == "found"
    early = browser_of("he").post(f"{SAMPLES}/{sample['id']}/closing")
    assert (early.status_code, code_of(early)) == (409, "sample.not_signed")
    zhou.post(f"{SAMPLES}/{sample['id']}/signature")
    late = reviewed(zhou, sample, 1)
    assert (late.status_code, code_of(late)) == (409, "sample.signed_already")
    assert ItemReview.objects.count() == 2, "the first verdict is still there"


def test_the_second_signature_is_somebody_elses(browser_of: Open, cases: list[Consultation]) -> None:
    zhou = browser_of("zhou")
    sample = planned(zhou, 1)
    RoleGrant.objects.create(person=who("zhou"), role="approver")
    for step, body in (("decision", {"decision": "approve", "reason": "可以"}), ("closing", None)):
        assert zhou.post(f"{SAMPLES}/{sample['id']}/{step}", body).status_code == 404
    now = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        Sample.objects.update(signed_at=now, closed_at=now, closed_by=id_of("zhou"))


def test_a_period_with_too_few_cases_is_no_smaller_sample(browser_of: Open, cases: list[Consultation]) -> None:
    wish = {**of_today(), "size": 5, "hours": 72, "reason": REASON}
    answer = browser_of("zhou").post(SAMPLES, wish)
    assert (answer.status_code, code_of(answer)) == (422, "sample.too_few")
    assert not Chain.objects.filter(kind="sampling").exists()


def test_notes_are_sealed_and_what_was_found_cannot_be_rewritten(browser_of: Open, cases: list[Consultation]) -> None:
    zhou = browser_of("zhou")
    sample = planned(zhou, 1)
    agreed(browser_of("he"), sample)
    read(zhou, sample["items"][0]["grant"])
    reviewed(zhou, sample, 1, **found())
    row = ItemReview.objects.get()
    assert MARKER.encode() not in bytes(row.body) + bytes(Leaf.objects.get(chain=sample["id"], seq=2).data)
    for model in (ItemReview, SampleItem):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
    lift_guard("records_itemreview")
    ItemReview.objects.update(body=flipped(bytes(row.body)))
    Sequencer().drain()
    assert [finding.seq for finding in check_chain(Chain.objects.get(id=sample["id"]).id).findings] == [2]


@pytest.mark.parametrize("change", [{"seed": "another"}, {"size": 2}, {"population": b""}])
def test_a_draw_that_was_altered_says_so(browser_of: Open, cases: list[Consultation], change: dict[str, Any]) -> None:
    zhou = browser_of("zhou")
    sample = planned(zhou)
    Sample.objects.update(**change)
    assert zhou.get(f"{SAMPLES}/{sample['id']}").json()["redrawn"] is False
