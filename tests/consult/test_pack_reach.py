"""Before Officer Zhou asks for a pack she sees what will be in it, and which consultations would be missing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from consult.models import Consultation, EvidencePack
from consult.packs import export
from records.grants import AccessGrant
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from tests.cast import Browser, consultation, who
from tests.consult.packing import Open, grant, granted, members

__all__ = ["grant"]


def preview(browser: Browser, grant: AccessGrant, **scope: Any) -> Any:
    return browser.post(f"/api/compliance/grants/{grant.id}/packs/preview", scope).json()


def cases(found: Any) -> tuple[list[str], list[str]]:
    return [one["case"]["id"] for one in found["cases"]], [one["id"] for one in found["missing"]]


def of_li() -> Consultation:
    return consultation(patient="li", said=(("li", "孩子发烧"),))


def test_all_of_wang_is_what_may_be_read_of_her_and_names_what_may_not(browser_of: Open, grant: AccessGrant) -> None:
    mine, closed_to_me = consultation(said=(("wang", "又头晕了"),)), consultation()
    again, others = granted(mine, "conversation"), granted(of_li(), "conversation")
    zhou = browser_of("zhou")
    alone = preview(zhou, grant, of="case")
    assert (cases(alone), alone["missing_total"]) == (([str(grant.case_id)], []), 0)
    found = preview(zhou, grant, of="patient")
    assert cases(found) == ([str(grant.case_id), str(mine.id)], [str(closed_to_me.id)])
    assert [one["grant"] for one in found["cases"]] == [str(grant.id), str(again.id)]
    assert str(others.id) not in str(found)
    assert "王秀兰" not in str(found), "her name stays masked"


def test_a_period_is_of_every_patient_and_of_its_days_alone(browser_of: Open, grant: AccessGrant) -> None:
    li, old = of_li(), consultation()
    other = granted(li, "conversation")
    Consultation.objects.filter(chain_id=old.id).update(opened_at=timezone.now() - timedelta(days=40))
    today, yesterday = timezone.localdate(), timezone.localdate() - timedelta(days=1)
    zhou = browser_of("zhou")
    assert cases(preview(zhou, grant, of="period", since=str(yesterday), until=str(today))) == (
        [str(grant.case_id), str(li.id)],
        [],
    )
    assert cases(preview(zhou, other, of="patient")) == ([str(li.id)], [])
    assert cases(preview(zhou, grant, of="patient", until=str(yesterday))) == ([str(grant.case_id)], [str(old.id)])
    for wrong in ({"of": "period"}, {"of": "period", "since": str(today), "until": str(yesterday)}, {"of": "everything"}):
        assert zhou.post(f"/api/compliance/grants/{grant.id}/packs/preview", wrong).status_code == 422, wrong


def test_the_numbers_of_the_preview_are_those_of_the_pack(browser_of: Open, grant: AccessGrant) -> None:
    other = granted(consultation(said=(("wang", "又头晕了"),)), "conversation", "attachments")
    found = preview(browser_of("zhou"), grant, of="patient")["cases"]
    assert [(one["content"], one["recordings"], one["attachments"]) for one in found] == [
        (["conversation", "recordings", "transcripts"], 0, 0),
        (["conversation", "attachments"], 0, 0),
    ]
    pack = export.ask(who("zhou"), grant.id, export.Wish(also=(other.id,)))
    Sequencer().drain()
    export.make(pack.id)
    inside = members(EvidencePack.objects.get(id=pack.id))
    for one in found:
        held = [name for name in inside if name.startswith(f"data/contents/{UUID(one['case']['id']).hex}/")]
        assert one["entries"] == len(held) > 0
    less = preview(browser_of("zhou"), grant, of="case", content=["recordings"])["cases"]
    assert [(one["content"], one["entries"]) for one in less] == [(["recordings"], 0)]


def test_looking_for_other_cases_is_noted_as_a_search_and_opens_nothing(browser_of: Open, grant: AccessGrant) -> None:
    def leaves(kind: str) -> int:
        return Leaf.objects.filter(kind=kind).count()

    before = leaves("case.searched"), leaves("grant.read")
    preview(browser_of("zhou"), grant, of="case")
    assert (leaves("case.searched"), leaves("grant.read")) == before
    preview(browser_of("zhou"), grant, of="patient")
    assert (leaves("case.searched"), leaves("grant.read")) == (before[0] + 1, before[1])
