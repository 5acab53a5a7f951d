"""What a grant leaves out stays shut: days, photos, the discussion; and when Wang is told of a reading."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F
from django.utils import timezone

from consult.models import Consultation, Event, EvidencePack
from consult.packs import exhibits
from consult.record import GLASS_REASON
from records import grants
from records.grants import AccessGrant, Narrowing
from records.identity.fresh import FRESH_SECONDS, STALE
from records.ledger import signing, tree
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from records.pack import build, verify_pack
from records.pack.parts import Pack
from tests.cast import code_of, lift_guard, who
from tests.consult.reviewing import MARKER, REASON, Open, discussed, granted, read
from tests.records.identity.test_factors import age

YESTERDAY = timezone.localdate() - timedelta(days=1)


def over(
    case: Consultation, *content: str, since: date | None = None, until: date | None = None, tell: str = "now"
) -> AccessGrant:
    asked = grants.request(
        who("zhou"), case.id, reason=REASON, content=content, purpose="complaint", hours=8, since=since, until=until, tell=tell
    )
    return grants.decide(who("he"), asked.id, approve=True, reason="理由充分", narrowed=Narrowing())


def test_words_outside_the_days_are_withheld_and_keep_their_place(browser_of: Open, case: Consultation) -> None:
    today = read(browser_of("zhou"), over(case, "conversation", since=timezone.localdate()).id).json()
    assert not any(event["withheld"] for event in today["events"])
    page = read(browser_of("zhou"), over(case, "conversation", until=YESTERDAY).id).json()
    assert len(page["events"]) == len(today["events"])
    assert all(event["withheld"] and event["body"] is None and event["verified"] for event in page["events"])
    assert MARKER not in str(page)


def verdict(grant: AccessGrant, file: Path) -> tuple[Pack, list[str]]:
    Sequencer().drain()
    checkpoint = tree.latest()
    assert checkpoint is not None
    pack = exhibits.assemble(EvidencePack.objects.create(grant=grant, requested_by=grant.requester), checkpoint).pack
    with file.open("wb") as out:
        build.write(pack, out)
    _, lines = verify_pack.verify(str(file), str(signing.verifier()))
    return pack, lines


@pytest.mark.parametrize("scope", [{"until": YESTERDAY}, {}])
def test_a_pack_holds_only_what_the_grant_reaches_and_verifies(cast: None, tmp_path: Path, scope: dict[str, Any]) -> None:
    case = discussed()
    pack, lines = verdict(over(case, "conversation", **scope), tmp_path / "pack.zip")
    assert not [line for line in lines if line.startswith("[NO]")]
    assert len(list(pack.contents)) == (0 if scope else Leaf.objects.filter(chain=case.id).count())
    assert MARKER.encode() not in (tmp_path / "pack.zip").read_bytes()
    assert not any(MARKER in line.text for line in pack.lines), "the discussion was not granted"


def test_a_message_whose_row_was_dated_back_does_not_move_into_the_days_of_a_grant(cast: None, tmp_path: Path) -> None:
    case = discussed()
    lift_guard("consult_event")
    Event.objects.filter(thread=case.id).update(at=F("at") - 30 * 86_400_000)
    assert not list(verdict(over(case, "conversation", until=YESTERDAY), tmp_path / "pack.zip")[0].contents)
    today = verdict(over(case, "conversation", since=timezone.localdate()), tmp_path / "pack.zip")[0]
    assert len(list(today.contents)) == Leaf.objects.filter(chain=case.id).count(), "nor out of them"


def test_wang_is_told_later_where_the_approver_agreed_and_at_once_otherwise(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhou, wang = browser_of("zhou"), browser_of("wang")
    read(zhou, over(case, "conversation", tell="evidence").id)
    assert wang.get("/api/charts/me/access").json() == []
    read(zhou, granted(case))
    assert len(wang.get("/api/charts/me/access").json()) == 1
    later = (timezone.now() + timedelta(days=grants.TOLD_AFTER_DAYS, minutes=1)).timestamp() * 1000
    monkeypatch.setattr("consult.record.now_ms", lambda: later)
    seen = wang.get("/api/charts/me/access").json()
    assert [look["reason"]["en"] for look in seen] == ["handling a complaint"], (
        "both looks of one person within the hour are one"
    )


def test_wang_sees_that_somebody_broke_the_glass(browser_of: Open, case: Consultation) -> None:
    zhou = browser_of("zhou")
    broken = zhou.post("/api/compliance/emergencies", {"case": str(case.id), "reason": REASON})
    assert (broken.status_code, broken.json()["urgent"], broken.json()["review"]) == (201, True, None)
    assert read(zhou, UUID(broken.json()["id"])).status_code == 200
    assert zhou.post(f"/api/compliance/grants/{broken.json()['id']}/packs", {}).status_code == 404
    seen = browser_of("wang").get("/api/charts/me/access").json()
    assert [(look["person"]["name"], look["reason"]["en"]) for look in seen] == [("周宁", GLASS_REASON[1])]
    assert [row["id"] for row in browser_of("he").get("/api/compliance/emergencies").json()] == [broken.json()["id"]]


def test_a_screen_that_was_left_open_breaks_no_glass(browser_of: Open, case: Consultation) -> None:
    zhou, asked = browser_of("zhou"), {"case": str(case.id), "reason": REASON}
    age(zhou, FRESH_SECONDS + 1)
    assert code_of(zhou.post("/api/compliance/emergencies", asked)) == STALE.code
    assert code_of(browser_of("zhao").post("/api/compliance/emergencies", asked)) == "not_found"
    assert not AccessGrant.objects.filter(urgent=True).exists()


def test_a_kind_of_reading_without_words_is_shown_all_the_same(browser_of: Open, case: Consultation, tmp_path: Path) -> None:
    grant = AccessGrant.objects.get(chain_id=granted(case))
    grants.open_for_reading(who("zhou"), grant.id, "conversation", "something.new")
    assert [look["action"]["en"] for look in browser_of("wang").get("/api/charts/me/access").json()] == ["read something"]
    assert [line.action["en"] for line in verdict(grant, tmp_path / "pack.zip")[0].access] == ["read something"]


def test_a_request_over_two_cases_names_both_and_the_approver_takes_one_away(browser_of: Open, case: Consultation) -> None:
    other = discussed()
    zhou, he = browser_of("zhou"), browser_of("he")
    body = {
        "cases": [str(case.id), str(other.id)], "content": ["conversation", "attachments"], "purpose": "dispute",
        "reason": REASON, "hours": 6, "since": str(YESTERDAY), "tell": "court",
    }  # fmt: skip
    asked = zhou.post("/api/compliance/requests", body).json()
    assert [(one["case"], one["state"]) for one in asked["together"]] == [(str(other.id), "waiting")]
    address = f"/api/compliance/requests/{asked['id']}"
    assert he.post(f"{address}/decision", {"decision": "return", "reason": "哪一天？"}).json()["state"] == "returned"
    assert zhou.post(f"{address}/answer", {"text": "昨天"}).json()["state"] == "waiting"
    narrower = {
        "decision": "approve",
        "reason": "一件足够",
        "cases": [str(case.id)],
        "content": ["conversation"],
        "tell_now": True,
    }
    got = he.post(f"{address}/decision", narrower).json()
    assert (got["state"], got["content"], got["tell"], got["together"][0]["state"]) == (
        "approved",
        ["conversation"],
        "now",
        "rejected",
    )
    assert (got["asked"]["content"], got["asked"]["tell"]) == (["attachments", "conversation"], "court")
    assert [(note["kind"], note["author"]["name"], note["text"]) for note in got["notes"]] == [
        ("returned", "何军", "哪一天？"),
        ("answered", "周宁", "昨天"),
    ]
    assert read(zhou, UUID(got["id"])).status_code == 200
    assert read(zhou, UUID(got["together"][0]["grant"])).status_code == 404
