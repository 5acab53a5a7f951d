"""Two raters grade the same cases without seeing each other's word; then they see where they differ, and how far they agree."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from consult.models import Consultation
from consult.packs import export
from records.grants import AccessGrant
from records.ledger.full_audit import check_all
from records.ledger.sequencer import Sequencer
from records.people import Person, RoleGrant
from records.sampling import ItemResolution, Sample, SampleItem
from records.sampling.models import RaterReading
from tests.cast import Browser, code_of, consultation, id_of, of_today, who
from tests.consult.packing import granted, members
from tests.consult.reviewing import MARKER, REASON, Open, read
from tests.consult.test_shredded_packs import checked

pytestmark = pytest.mark.once

SAMPLES = "/api/compliance/samples"
WORSE = {"verdict": "found", "findings": [{"kind": "safety", "severity": "critical", "note": f"漏问药物过敏，{MARKER}"}]}
MILD = {"verdict": "found", "findings": [{"kind": "safety", "severity": "minor", "note": "语气"}]}
CLEAN = {"verdict": "clean"}


@pytest.fixture
def qin(cast: None) -> Browser:
    """Officer Qin, whom Officer Zhou asks to grade the same cases."""
    person = Person.objects.create(login="C1099", name="秦岚")
    RoleGrant.objects.create(person=person, role="officer")
    person.set_password("a password of this test")
    person.save()
    browser = Browser()
    assert browser.sign_in("C1099", "a password of this test").status_code == 200
    browser.set_up_app("C1099")
    return browser


@pytest.fixture
def cases(cast: None) -> list[Consultation]:
    return [consultation(said=(("zhao", f"您好，{MARKER}"),), summary="好转") for _ in range(3)]


def planned(zhou: Browser, qin: Browser, size: int = 3) -> str:
    rater = str(Person.objects.get(login="C1099").id)
    assert [one["id"] for one in zhou.get(f"{SAMPLES}/raters").json()] == [rater]
    wish = {**of_today(), "size": size, "hours": 72, "reason": REASON, "rater": rater}
    answer = zhou.post(SAMPLES, wish)
    assert answer.status_code == 201, answer.content
    sample: str = answer.json()["id"]
    return sample


def agreed(he: Browser, sample: str) -> Any:
    return he.post(f"{SAMPLES}/{sample}/decision", {"decision": "approve", "reason": "可以"})


def graded(rater: Browser, sample: str, *grades: dict[str, Any]) -> None:
    """Reads each case under the rater's own grant, says what was found, and signs."""
    for item, grade in zip(rater.get(f"{SAMPLES}/{sample}").json()["items"], grades, strict=True):
        assert read(rater, item["grant"]).status_code == 200
        answer = rater.post(f"{SAMPLES}/{sample}/items/{item['position']}/review", grade)
        assert answer.status_code == 200, answer.content


def signed(rater: Browser, sample: str) -> None:
    assert rater.post(f"{SAMPLES}/{sample}/signature").status_code == 200


def both_signed(zhou: Browser, qin: Browser, he: Browser) -> str:
    """Three cases: alike, apart by one grade, and alike."""
    sample = planned(zhou, qin)
    qin.post(f"{SAMPLES}/{sample}/participation")
    assert agreed(he, sample).status_code == 200
    for rater, middle in ((zhou, WORSE), (qin, MILD)):
        graded(rater, sample, CLEAN, middle, CLEAN)
        signed(rater, sample)
    return sample


@pytest.mark.once
def test_no_ordinary_door_decides_on_a_sample_or_takes_a_case_out_of_it(
    browser_of: Open, qin: Browser, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = planned(zhou, qin)
    RoleGrant.objects.create(person=Person.objects.get(login="C1099"), role="approver")
    first = AccessGrant.objects.filter(requester=id_of("zhou"))[0]
    approve = {"decision": "approve", "reason": "可以"}
    assert qin.post(f"{SAMPLES}/{sample}/decision", approve).status_code == 404, "whoever rates does not decide"
    door = f"/api/compliance/requests/{first.id}"
    for body in (approve, {**approve, "cases": [str(first.case_id)]}, {"decision": "return", "reason": "请补充"}):
        for approver in (qin, he):
            assert approver.post(f"{door}/decision", body).status_code == 404
    assert he.post(f"{door}/comments", {"text": "请说明"}).status_code == 404
    assert set(AccessGrant.objects.values_list("state", flat=True)) == {"waiting"}


def test_the_second_rater_takes_part_by_an_act_of_their_own_and_reads_under_a_grant_of_their_own(
    browser_of: Open, qin: Browser, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = planned(zhou, qin)
    early = agreed(he, sample)
    assert (early.status_code, code_of(early)) == (409, "sample.rater_not_joined")
    assert [one["id"] for one in qin.get(SAMPLES).json()] == [sample]
    assert zhou.post(f"{SAMPLES}/{sample}/participation").status_code == 404, "nobody joins for somebody else"
    assert qin.post(f"{SAMPLES}/{sample}/participation").json()["joined"]
    again = qin.post(f"{SAMPLES}/{sample}/participation")
    assert (again.status_code, code_of(again)) == (409, "sample.joined_already")
    ours, theirs = (rater.get(f"{SAMPLES}/{sample}").json()["items"] for rater in (zhou, qin))
    assert not {item["grant"] for item in ours} & {item["grant"] for item in theirs}
    assert read(qin, theirs[0]["grant"]).status_code == 404
    assert agreed(he, sample).status_code == 200
    assert read(qin, theirs[0]["grant"]).status_code == 200
    assert read(qin, ours[0]["grant"]).status_code == 404
    assert qin.get("/api/compliance/requests").json() == []


def test_neither_sees_the_others_word_before_both_have_signed(
    browser_of: Open, qin: Browser, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = planned(zhou, qin)
    qin.post(f"{SAMPLES}/{sample}/participation")
    agreed(he, sample)
    graded(zhou, sample, WORSE, WORSE, WORSE)
    signed(zhou, sample)
    for blind in (qin, he):
        page = blind.get(f"{SAMPLES}/{sample}").json()
        assert page["blind"]
        assert [item["ratings"] for item in page["items"]] == [[], [], []]
        assert (page["findings"], page["agreement"], {item["verdict"] for item in page["items"]}) == (0, [], {None})
        assert MARKER not in str(page)
        export = blind.get(f"{SAMPLES}/{sample}/findings")
        assert (export.status_code, code_of(export)) == (409, "sample.blind")
    assert zhou.get(f"{SAMPLES}/{sample}").json()["items"][0]["verdict"] == "found", "one's own is one's own"
    for step in ("resolution", "confirmation"):
        answer = qin.post(f"{SAMPLES}/{sample}/items/1/{step}", CLEAN if step == "resolution" else None)
        assert answer.status_code == 409, answer.content
    assert code_of(he.post(f"{SAMPLES}/{sample}/closing")) == "sample.not_signed"
    graded(qin, sample, CLEAN, CLEAN, CLEAN)
    signed(qin, sample)
    page = qin.get(f"{SAMPLES}/{sample}").json()
    assert (page["blind"], [len(item["ratings"]) for item in page["items"]]) == (False, [2, 2, 2])
    late = qin.post(f"{SAMPLES}/{sample}/items/1/review", WORSE)
    assert (late.status_code, code_of(late)) == (409, "sample.signed_already"), "nobody changes their word for the other's"


def test_agreement_is_shown_with_its_counts_and_a_difference_is_settled_in_talk(
    browser_of: Open, qin: Browser, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = both_signed(zhou, qin, he)
    page = he.get(f"{SAMPLES}/{sample}").json()
    by = {one["kind"]: one for one in page["agreement"]}
    # Two of three alike; by chance 2/3 * 2/3 of three cases: kappa (2 - 4/3) / (3 - 4/3) = 0.4
    assert {name: by["safety"][name] for name in ("cases", "agreed")} == {"cases": 3, "agreed": 2}
    assert (round(by["safety"]["expected"], 3), round(by["safety"]["kappa"], 3)) == (1.333, 0.4)
    assert (by["clarity"]["agreed"], by["clarity"]["kappa"]) == (3, None)
    assert (page["unresolved"], [item["differs"] for item in page["items"]]) == (1, [[], ["safety"], []])
    assert page["items"][1]["verdict"] is None
    early = he.post(f"{SAMPLES}/{sample}/closing")
    assert (early.status_code, code_of(early)) == (409, "sample.unresolved")
    alike = zhou.post(f"{SAMPLES}/{sample}/items/1/resolution", WORSE)
    assert (alike.status_code, code_of(alike)) == (409, "sample.agreed_on")
    said = zhou.post(f"{SAMPLES}/{sample}/items/2/resolution", WORSE).json()["items"][1]["resolution"]
    assert (said["how"], said["stands"], said["confirmed_by"]) == ("talk", False, None)
    own = zhou.post(f"{SAMPLES}/{sample}/items/2/confirmation")
    assert (own.status_code, code_of(own)) == (409, "sample.nothing_to_confirm"), "it takes the other rater"
    assert he.post(f"{SAMPLES}/{sample}/items/2/confirmation").status_code == 404
    settled = qin.post(f"{SAMPLES}/{sample}/items/2/confirmation").json()
    assert (settled["unresolved"], settled["items"][1]["verdict"]) == (0, "found")
    assert settled["items"][1]["resolution"]["confirmed_by"]["name"] == "秦岚"
    assert he.post(f"{SAMPLES}/{sample}/closing").json()["state"] == "closed"
    rows = list(csv.reader(io.StringIO(qin.get(f"{SAMPLES}/{sample}/findings?language=en").content.decode("utf-8-sig"))))
    assert [(row[0], row[6], row[8], row[9]) for row in rows[1:] if row[0] == "2"] == [
        ("2", "critical", "周宁", "a rater's verdict"),
        ("2", "minor", "秦岚", "a rater's verdict"),
        ("2", "critical", "周宁", "agreed by both raters"),
    ]
    Sequencer().drain()
    assert check_all().findings == []


def test_a_third_person_decides_where_they_do_not_agree(browser_of: Open, qin: Browser, cases: list[Consultation]) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = both_signed(zhou, qin, he)
    decided = he.post(f"{SAMPLES}/{sample}/items/2/resolution", MILD).json()
    assert (decided["unresolved"], decided["items"][1]["resolution"]["how"]) == (0, "third")
    assert decided["items"][1]["findings"][0]["severity"] == "minor"
    with pytest.raises(DatabaseError), transaction.atomic():
        ItemResolution.objects.update(verdict="clean")
    with pytest.raises(DatabaseError), transaction.atomic():
        RaterReading.objects.all().delete()


def test_a_pack_holds_the_verdicts_with_their_proofs_when_it_was_asked_for_with_them(
    browser_of: Open, qin: Browser, cases: list[Consultation], settings: Settings, tmp_path: Path
) -> None:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = both_signed(zhou, qin, he)
    item = SampleItem.objects.select_related("grant").get(sample=UUID(sample), position=2)
    grant = granted(Consultation.objects.get(chain=item.grant.case_id), "conversation")
    assert not verdicts_of(grant, quality=True), "the sample is not closed yet"
    he.post(f"{SAMPLES}/{sample}/items/2/resolution", MILD)
    he.post(f"{SAMPLES}/{sample}/closing")
    assert not verdicts_of(grant, quality=False)
    parts = packed(grant, quality=True)
    rows = [json.loads(line) for line in parts["data/quality.jsonl"].splitlines()]
    code, text = checked(parts, tmp_path)
    assert (code, len(rows)) == (0, 3), text
    for said in ("found (safety:critical)", "found (safety:minor)"):
        assert f"quality review: {said}, proven by its entry" in text
    assert MARKER not in parts["data/quality.jsonl"].decode(), "no note of a rater"
    milder = {**rows[0], "leaf": rows[0]["leaf"].replace("safety:critical", "safety:minor000")}
    other = {**rows[0], "leaf": rows[0]["leaf"].replace(str(item.grant.case_id), str(uuid4()))}
    for forged in (
        [milder],
        [rows[0], rows[0]],
        [{**rows[0], "index": rows[0]["index"] + 1}],
        [other],
        [{**rows[0], "proof": None}],
    ):
        changed = {
            **parts,
            "data/quality.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in forged).encode(),
        }
        assert checked(changed, tmp_path)[0] == 1


def packed(grant: AccessGrant, *, quality: bool) -> dict[str, bytes]:
    pack = export.ask(who("zhou"), grant.id, export.Wish(quality=quality))
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == ("done", "")
    return members(pack)


def verdicts_of(grant: AccessGrant, *, quality: bool) -> bytes:
    return packed(grant, quality=quality).get("data/quality.jsonl", b"")


def test_a_case_that_only_one_could_read_is_a_difference_and_no_part_of_the_agreement(
    browser_of: Open, qin: Browser, cases: list[Consultation]
) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    sample = planned(zhou, qin, 2)
    qin.post(f"{SAMPLES}/{sample}/participation")
    agreed(he, sample)
    graded(zhou, sample, CLEAN, {"verdict": "unreadable"})
    graded(qin, sample, CLEAN, CLEAN)
    signed(zhou, sample)
    signed(qin, sample)
    page = zhou.get(f"{SAMPLES}/{sample}").json()
    assert [item["differs"] for item in page["items"]] == [[], ["verdict"]]
    assert {one["cases"] for one in page["agreement"]} == {1}


def test_nobody_is_their_own_second_rater_nor_closes_what_they_graded(
    browser_of: Open, qin: Browser, cases: list[Consultation]
) -> None:
    zhou = browser_of("zhou")
    wish = {**of_today(), "size": 1, "hours": 72, "reason": REASON}
    for person in (id_of("zhou"), id_of("he"), id_of("zhao")):
        answer = zhou.post(SAMPLES, {**wish, "rater": str(person)})
        assert (answer.status_code, code_of(answer)) == (422, "sample.rater_not_fit")
    sample = planned(zhou, qin, 1)
    RoleGrant.objects.create(person=Person.objects.get(login="C1099"), role="approver")
    assert agreed(qin, sample).status_code == 404
    assert qin.post(f"{SAMPLES}/{sample}/closing").status_code == 404
    rater, now = Person.objects.get(login="C1099"), timezone.now()
    for wrong in ({"closed_by": rater, "closed_at": now, "signed_at": now, "rater_signed_at": now}, {"rater": id_of("zhou")}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Sample.objects.filter(chain=UUID(sample)).update(**wrong)
