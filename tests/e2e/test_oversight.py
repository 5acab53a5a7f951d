"""The compliance office is watched itself: glass that was broken, a sample rated by two, each month of the access log, and the patient."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from consult.demo import COMPLAINT
from tests.deployment import Deployment, Server, new_deployment
from tests.e2e.conftest import Enter
from tests.e2e.keys import tab_to, tab_until
from tests.e2e.screen import begun, forgotten, shoot, sideways, violations

pytestmark = pytest.mark.once

REASON = "患者留言说不想活了，需要马上知道住址和联系方式。"
WHY_SAMPLE = "本季度质量抽查，看看随访的回复是否完整、及时。"
NOTED = "没有问到过敏史"
EXPLAINED = "当天孙护士请他看自己的化验单，有申请单为证"
OWN = "four quiet cranes at dawn"
# Dr Zhao opened the record of his colleague Sun, on a working day of the month that ended last.
LAST_MONTH = """
from datetime import datetime, time, timedelta
from django.db import transaction
from django.utils import timezone
from records import charts
from records.demo import demo_id
from records.ledger import chains
from records.people import Person
day = timezone.localdate().replace(day=1) - timedelta(days=10)
day -= timedelta(days=max(0, day.weekday() - 4))
at = int(timezone.make_aware(datetime.combine(day, time(12))).timestamp() * 1000)
chart = charts.chart_of(Person.objects.get(id=demo_id("sun")))
with transaction.atomic(), chains.extend(chart.id) as tail:
    tail.add(charts.OPENED, actor=demo_id("zhao"), at=at)
"""


@pytest.fixture(scope="module")
def deployment(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with new_deployment(tmp_path_factory.mktemp("oversight") / "hospital", hospital_template) as made:
        yield made


@pytest.fixture(scope="module")
def server(deployment: Deployment) -> Server:
    return deployment.start()


def test_zhou_breaks_the_glass_and_he_is_alarmed_until_he_has_reviewed_it(enter: Enter) -> None:
    zhou, he = enter("zhou"), enter("he")
    number = zhou.request.get("/api/compliance/cases?patient=王秀兰").json()["cases"][-1]["number"]
    zhou.goto(f"/request?case={number}")
    zhou.get_by_test_id("c.glass.open").click()
    zhou.get_by_test_id("c.glass.confirm").click()
    expect(zhou.get_by_test_id("c.glass.reason")).to_have_attribute("aria-invalid", "true")
    zhou.get_by_test_id("c.glass.reason").fill(REASON)
    zhou.get_by_test_id("c.glass.confirm").click()
    expect(zhou.get_by_test_id("c.viewer.event").filter(has_text=COMPLAINT)).to_be_visible()
    expect(zhou.get_by_test_id("c.pack.create")).to_have_count(0)
    alarm = he.get_by_test_id("c.alarms.row")
    expect(alarm).to_be_visible()  # a page that is open asks every 15 s
    alarm.get_by_role("link").click()
    he.get_by_test_id("c.glass.findings").get_by_text("理由成立").click()
    he.get_by_test_id("c.glass.text").fill("患者有危险")
    he.get_by_test_id("c.glass.review").click()
    expect(he.get_by_test_id("c.glass.finding")).to_have_attribute("data-finding", "justified")
    he.goto("/")
    expect(he.get_by_test_id("c.alarms")).to_have_count(0)
    sees_who_read(enter("wang"))


def sees_who_read(wang: Page) -> None:
    """What the patient is told of it, by name."""
    wang.goto("/me/access")
    row = wang.get_by_test_id("p.access.row").filter(has_text="周宁").first
    expect(row).to_contain_text("紧急")
    expect(row).to_have_attribute("data-role", "officer")


def test_zhou_and_qin_rate_a_case_apart_and_settle_where_they_differ(
    enter: Enter, deployment: Deployment, shots: Path | None
) -> None:
    made = deployment.manage("account", "C1099", "--add", "--name", "秦岚", "--roles", "officer").strip()
    zhou, he, qin = enter("zhou"), enter("he"), as_qin(enter, made)
    sample = planned(zhou)
    qin.goto(sample)
    qin.get_by_test_id("qs.join").click()
    expect(qin.get_by_test_id("qs.join")).to_have_count(0)
    he.goto(sample)
    he.get_by_test_id("qs.decide.reason").fill("抽查计划内")
    he.get_by_test_id("qs.approve").click()
    expect(he.get_by_test_id("qs.standing")).to_have_attribute("data-state", "approved")
    graded(zhou, sample, "发现问题", NOTED)
    for blind in (qin, he):
        blind.goto(sample)
        expect(blind.get_by_test_id("qs.blind")).to_be_visible()
        expect(blind.get_by_test_id("qs.item")).to_have_attribute("data-verdict", "none")
        assert NOTED not in blind.content()
        expect(blind.get_by_test_id("qs.agreement")).to_have_count(0)
    graded(qin, sample, "未发现问题")
    expect(qin.get_by_test_id("qs.apart")).to_have_attribute("data-settled", "false")
    expect(qin.get_by_test_id("qs.apart")).to_contain_text(NOTED)
    safety = qin.locator('[data-testid="qs.agreement.row"][data-kind="safety"]')
    expect(safety.locator("td")).to_have_text(["1", "0", "0.00", "0.00"])
    assert (sideways(qin), violations(qin)) == (0, [])
    shoot(qin, shots, "two-raters")
    settled_and_closed(zhou, qin, he, sample)


def as_qin(enter: Enter, made: str) -> Page:
    """Her first sign-in, with the password that she was given."""
    qin = enter("lin")
    forgotten(qin)
    qin.goto("/")
    qin.get_by_test_id("s.login").fill("C1099")
    qin.get_by_test_id("s.password").fill(made)
    qin.keyboard.press("Enter")
    qin.get_by_test_id("sc.password.new").fill(OWN)
    qin.keyboard.press("Enter")
    expect(qin.get_by_test_id("c.nav.search")).to_be_visible()
    return qin


def planned(zhou: Page) -> str:
    """A sample of one case, for two raters; returns its address."""
    zhou.goto("/samples")
    today = timezone.localdate()
    zhou.get_by_test_id("qs.plan.since").fill((today - timedelta(days=60)).isoformat())
    zhou.get_by_test_id("qs.plan.until").fill(today.isoformat())
    zhou.get_by_test_id("qs.plan.rater").select_option(label="秦岚")
    zhou.get_by_test_id("qs.plan.size").fill("1")
    zhou.get_by_test_id("qs.plan.reason").fill(WHY_SAMPLE)
    zhou.get_by_test_id("qs.plan.submit").click()
    zhou.wait_for_url("**/samples/*")
    expect(zhou.get_by_test_id("qs.next")).to_be_visible()
    return zhou.url


def graded(rater: Page, sample: str, verdict: str, note: str | None = None) -> None:
    """Reads the case, says what was found in it, and signs."""
    rater.goto(sample)
    rater.get_by_test_id("qs.item.open").click()
    expect(rater.get_by_test_id("c.viewer.event").first).to_be_visible()
    rater.goto(sample)
    rater.get_by_test_id("qs.item.review").click()
    says(rater, verdict, note)
    rater.get_by_test_id("qs.sign").click()
    expect(rater.get_by_test_id("qs.sign")).to_have_count(0)


def says(rater: Page, verdict: str, note: str | None) -> None:
    rater.get_by_test_id("qs.review.verdict").get_by_text(verdict, exact=True).click()
    if note:
        rater.get_by_test_id("qs.review.note").fill(note)
    rater.get_by_test_id("qs.review.save").click()
    expect(rater.get_by_test_id("qs.review")).to_have_count(0)


def settled_and_closed(zhou: Page, qin: Page, he: Page, sample: str) -> None:
    """They talk, one proposes and the other agrees; a third person closes, and the findings can be taken along."""
    zhou.goto(sample)
    zhou.get_by_test_id("qs.apart.resolve").click()
    says(zhou, "发现问题", NOTED)
    expect(zhou.get_by_test_id("qs.apart.confirm")).to_have_count(0)
    qin.goto(sample)
    qin.get_by_test_id("qs.apart.confirm").click()
    expect(qin.get_by_test_id("qs.apart")).to_have_attribute("data-settled", "true")
    he.goto(sample)
    he.get_by_test_id("qs.close").click()
    expect(he.get_by_test_id("qs.standing")).to_have_attribute("data-state", "closed")
    zhou.goto(sample)
    with zhou.expect_download() as findings:
        zhou.get_by_test_id("qs.export").click()
    assert NOTED in Path(findings.value.path()).read_text("utf-8-sig")


def test_zhou_settles_the_hints_of_last_month_with_the_keyboard_and_signs_it_for_good(
    enter: Enter, deployment: Deployment, shots: Path | None
) -> None:
    deployment.manage("shell", "-v", "0", "-c", LAST_MONTH)
    month = (timezone.localdate().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    zhou, he = enter("zhou"), enter("he")
    zhou.goto("/log/reviews")
    zhou.locator(f'a[href="/log/reviews/{month}"]').click()
    hint = zhou.locator('[data-testid="or.hint"][data-rule="colleague"]')
    expect(hint).to_contain_text("赵文博")
    expect(zhou.get_by_test_id("or.sign")).to_have_attribute("aria-disabled", "true")
    while (left := zhou.locator('[data-testid="or.hint"][data-settled="false"]').count()) > 0:
        settles_with_keys(zhou)
        expect(zhou.locator('[data-testid="or.hint"][data-settled="false"]')).to_have_count(left - 1)
    expect(hint.get_by_test_id("or.settled")).to_contain_text(EXPLAINED)
    tab_to(zhou, "or.sign.note")
    zhou.keyboard.type("全部看过")
    tab_to(zhou, "or.sign")
    zhou.keyboard.press("Enter")
    expect(zhou.get_by_test_id("or.standing")).to_have_attribute("data-state", "signed")
    expect(zhou.get_by_test_id("or.standing")).to_contain_text("全部看过")
    assert (sideways(zhou), violations(zhou)) == (0, [])
    shoot(zhou, shots, "month-signed")
    stays_signed(zhou, he, month)


def settles_with_keys(zhou: Page) -> None:
    tab_to(zhou, "or.settle")
    zhou.keyboard.press("Enter")
    expect(zhou.get_by_test_id("or.dialog")).to_be_visible()
    tab_to(zhou, "or.dialog.save")
    zhou.keyboard.press("Enter")
    expect(zhou.get_by_test_id("or.dialog.note")).to_have_attribute("aria-invalid", "true")
    tab_until(zhou, "one => one.type === 'radio'")
    zhou.keyboard.press("Space")
    tab_to(zhou, "or.dialog.note")
    zhou.keyboard.type(EXPLAINED)
    tab_to(zhou, "or.dialog.save")
    zhou.keyboard.press("Enter")
    expect(zhou.get_by_test_id("or.dialog")).to_have_count(0)


def stays_signed(zhou: Page, he: Page, month: str) -> None:
    """Neither who signed it nor the approver changes a word, a name or the signature."""
    he.goto(f"/log/reviews/{month}")
    begun(he)
    for page in (zhou, he):
        expect(page.get_by_test_id("or.standing")).to_have_attribute("data-state", "signed")
        for act in ("or.settle", "or.sign", "or.name"):
            expect(page.get_by_test_id(act)).to_have_count(0)
    token = next(cookie["value"] for cookie in zhou.context.cookies() if "csrf" in cookie["name"])
    again = zhou.request.post(
        f"/api/compliance/reviews/{month}/signature", data={"note": "再签一次"}, headers={"X-CSRFToken": token}
    )
    assert (again.status, again.json()["code"]) == (HTTPStatus.CONFLICT, "access_review.signed_already")
