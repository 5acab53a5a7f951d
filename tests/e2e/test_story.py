"""The whole story, in both languages: Wang asks, Dr Zhao answers, Nurse Sun records, Officer Zhou proves."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.deployment import PATIENCE_SECONDS
from tests.e2e.conftest import Enter
from tests.e2e.screen import shoot
from tests.e2e.speech import call_recording

TRANSCRIBED_MS = 300_000
PACKED_MS = 180_000

WORDS = {
    "zh": {
        "complaint": "早上血压 168/95，有点头晕，晚上睡不好",
        "question": "您这几天按时吃药了吗？",
        "answer": "早上吃了，晚上有时忘记。",
        "summary": "血压偏高，与漏服有关。",
        "advice": "每天早晚各量一次，三天后随访。",
        "corrected": "您这两天还头晕吗？（已核对）",
        "reason": "患者家属投诉回复不及时，需要核对当天的对话原文与录音。",
    },
    "en": {
        "complaint": "Blood pressure 168/95 this morning, a little dizzy, sleeping badly",
        "question": "Have you taken your tablets every day?",
        "answer": "In the morning, yes. In the evening I sometimes forget.",
        "summary": "Blood pressure is high because of missed doses.",
        "advice": "Measure every morning and evening; we call you in three days.",
        "corrected": "Are you still dizzy? (checked)",
        "reason": "The family complains about a late answer; the wording of that day must be checked.",
    },
}


# `make test`: Chinese, on the production back-end; `make faults`: English, on SQLite.
@pytest.mark.parametrize(
    "language",
    [pytest.param("zh", marks=pytest.mark.production), pytest.param("en", marks=[pytest.mark.once, pytest.mark.long])],
)
def test_the_story(language: str, enter: Enter, shots: Path | None, tmp_path: Path) -> None:
    words = WORDS[language]
    wang, zhao = enter("wang", language, by_hand=True), enter("zhao", language, by_hand=True)

    def keep(page: Page, name: str) -> None:
        shoot(page, shots, f"story-{language}-{name}")

    asks(wang, words["complaint"], keep)
    answers(wang, zhao, words, keep)
    sun = enter("sun", language)
    records(sun, language, call_recording(tmp_path, language), words["corrected"], keep)
    finds_it_in_her_record(wang, keep)
    lets_her_daughter_in(wang, enter("chen", language), keep)
    zhou, he = enter("zhou", language), enter("he", language)
    gets_access(zhou, he, words["reason"], keep)
    reads_and_proves(zhou, words, tmp_path, keep)
    sees_who_looked(wang, keep)


Keep = Callable[[Page, str], None]


def asks(wang: Page, complaint: str, keep: Keep) -> None:
    keep(wang, "wang-home")
    wang.get_by_test_id("p.home.ask").click()
    wang.get_by_test_id("p.intake.words.answer").fill(complaint)
    keep(wang, "wang-intake")
    goes_on(wang)
    wang.get_by_test_id("p.intake.duration.answer").get_by_role("radio").nth(1).check(force=True)
    goes_on(wang)
    wang.get_by_test_id("p.intake.safety.none").check(force=True)
    keep(wang, "wang-safety")
    goes_on(wang)
    goes_on(wang)  # the department: "I do not know whom to ask" is chosen already
    expect(wang.get_by_test_id("p.intake.answers")).to_contain_text(complaint)
    for consent in ("consultation", "privacy"):
        wang.get_by_test_id(f"p.intake.consent.{consent}").check(force=True)
    keep(wang, "wang-check")
    goes_on(wang)
    expect(wang.get_by_test_id("p.sent")).to_have_attribute("data-status", "sent")
    keep(wang, "wang-sent")
    wang.get_by_test_id("p.sent.open").click()
    expect(wang.get_by_test_id("p.queue.position")).to_be_visible()
    keep(wang, "wang-waiting")


def goes_on(wang: Page) -> None:
    wang.get_by_test_id("p.intake.next").click()


def answers(wang: Page, zhao: Page, words: dict[str, str], keep: Keep) -> None:
    zhao.get_by_test_id("d.queue.row").filter(has_text=words["complaint"][:10]).click()
    keep(zhao, "zhao-queue")
    zhao.get_by_test_id("d.conv.claim").click()
    write(zhao, "d.conv", words["question"])
    expect(said(wang, words["question"])).to_be_visible()
    write(wang, "p.chat", words["answer"])
    expect(said(zhao, words["answer"])).to_be_visible()
    expect(said(wang, words["answer"])).to_have_attribute("data-status", "read")
    for header in (zhao.get_by_test_id("d.conv.state"), zhao.get_by_test_id("d.queue.row").first):
        expect(header).to_have_attribute("data-needs-reply", "true")
    keep(wang, "wang-conversation")
    keep(zhao, "zhao-conversation")
    zhao.get_by_test_id("d.conv.close").click()
    zhao.get_by_test_id("d.conv.close.summary").fill(words["summary"])
    zhao.get_by_test_id("d.conv.close.advice").fill(words["advice"])
    zhao.get_by_test_id("d.conv.close.review").click()
    keep(zhao, "zhao-close")
    zhao.get_by_test_id("d.conv.close.submit").click()
    expect(wang.get_by_test_id("x.card.summary")).to_contain_text(words["summary"])
    keep(wang, "wang-summary")


def write(page: Page, where: str, text: str) -> None:
    page.get_by_test_id(f"{where}.composer").fill(text)
    page.get_by_test_id(f"{where}.send").dblclick()  # which says it once


def said(page: Page, text: str) -> Locator:
    return page.get_by_test_id("x.msg").filter(has_text=text)


def records(sun: Page, language: str, recording: Path, corrected: str, keep: Keep) -> None:
    sun.goto("/followups")
    sun.get_by_test_id("d.followup.row").first.get_by_role("link").first.click()
    keep(sun, "sun-call")
    sun.get_by_test_id("d.record.consent").get_by_role("radio").first.check(force=True)
    sun.get_by_test_id("d.record.file").set_input_files(recording)
    sun.get_by_test_id("d.record.language").get_by_role("radio").nth(1 if language == "zh" else 2).check(force=True)
    sun.get_by_test_id("d.record.upload").click()
    opened = sun.get_by_test_id("d.record.open").first
    expect(opened).to_be_visible(timeout=TRANSCRIBED_MS)
    keep(sun, "sun-transcribed")
    opened.click()
    sentences = sun.get_by_test_id("d.transcript.segment")
    expect(sentences.first).to_be_visible()
    sentences.first.hover()
    sun.get_by_test_id("d.transcript.correct").first.click()
    sun.get_by_test_id("d.transcript.correction").fill(corrected)
    sun.get_by_test_id("d.transcript.say").click()
    sun.get_by_test_id("d.transcript.save").click()
    expect(sun.get_by_test_id("d.review.bar")).to_have_attribute("data-changed", "false")
    expect(sentences.first).to_contain_text(corrected)
    keep(sun, "sun-transcript")


def finds_it_in_her_record(wang: Page, keep: Keep) -> None:
    wang.goto("/record")
    call = wang.locator('[data-testid="p.record.item"][data-kind="recording"]').first
    expect(call).to_be_visible()
    keep(wang, "wang-record")


def gets_access(zhou: Page, he: Page, reason: str, keep: Keep) -> None:
    keep(zhou, "zhou-worklist")
    zhou.get_by_test_id("c.worklist.search").click()
    zhou.get_by_test_id("c.search.query").fill("王秀兰")
    zhou.get_by_test_id("c.search.submit").click()
    row = zhou.get_by_test_id("c.search.results.row").first
    expect(row).to_be_visible()
    row.click()
    keep(zhou, "zhou-search")
    zhou.get_by_test_id("c.search.request").click()
    zhou.get_by_test_id("c.request.purpose").get_by_role("radio").first.check(force=True)
    zhou.get_by_test_id("c.request.reason").fill(reason)
    keep(zhou, "zhou-request")
    zhou.get_by_test_id("c.request.submit").click()
    expect(zhou.get_by_test_id("c.grant.state")).to_be_visible()
    he.goto("/approvals")
    he.get_by_test_id("c.approvals.row").first.click()
    keep(he, "he-decision")
    he.get_by_test_id("c.approve.approve").click()


def reads_and_proves(zhou: Page, words: dict[str, str], tmp_path: Path, keep: Keep) -> None:
    zhou.get_by_test_id("c.grant.open").click()
    expect(zhou.get_by_test_id("c.viewer.event").filter(has_text=words["question"])).to_be_visible()
    expect(zhou.get_by_test_id("c.viewer.integrity")).to_have_attribute("data-integrity", "verified")
    keep(zhou, "zhou-case")
    zhou.get_by_test_id("c.pack.create").click()
    download = zhou.get_by_test_id("c.pack.download")
    expect(download).to_be_visible(timeout=PACKED_MS)
    keep(zhou, "zhou-pack")
    with zhou.expect_download() as started:
        download.click()
    pack = tmp_path / "pack.zip"
    started.value.save_as(pack)
    zhou.goto("/integrity")
    key = zhou.get_by_test_id("c.integrity.key").inner_text()
    keep(zhou, "zhou-integrity")
    genuine = verified(pack, key)
    assert genuine.returncode == 0, genuine.stdout
    flipped = tmp_path / "flipped.zip"
    flip_one_byte(pack, flipped)
    assert verified(flipped, key).returncode == 1


def verified(pack: Path, key: str) -> "subprocess.CompletedProcess[str]":
    """What a stranger does: take the verifier out of the pack, and the key from where the hospital publishes it."""
    with zipfile.ZipFile(pack) as archive:
        name = next(name for name in archive.namelist() if name.endswith("verify_pack.py"))
        verifier = pack.with_suffix(".verify.py")
        verifier.write_bytes(archive.read(name))
    words = [sys.executable, "-I", str(verifier), str(pack), "--key", key]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)


def flip_one_byte(pack: Path, changed: Path) -> None:
    """The same pack with one bit of one sealed message turned over."""
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(changed, "w") as new:
        sealed = max((item for item in old.infolist() if "data/contents/" in item.filename), key=lambda item: item.file_size)
        for item in old.infolist():
            content = bytearray(old.read(item))
            if item.filename == sealed.filename:
                content[len(content) // 2] ^= 1
            new.writestr(item, bytes(content))


def lets_her_daughter_in(wang: Page, chen: Page, keep: Keep) -> None:
    """To the medication alone, and not for long."""
    wang.goto("/me/family")
    wang.get_by_test_id("p.family.name").fill("陈静")
    wang.get_by_test_id("p.family.phone").fill("13800000045")
    wang.get_by_test_id("p.family.scope").get_by_role("radio").first.check(force=True)
    wang.get_by_test_id("p.family.parts").get_by_role("checkbox").nth(1).check(force=True)
    wang.get_by_test_id("p.family.submit").click()
    row = wang.locator('[data-testid="p.family.row"][data-state="current"]')
    expect(row.get_by_test_id("p.family.scopes").get_by_role("listitem")).to_have_count(1)
    keep(wang, "wang-family")
    chen.goto("/me/family")
    chen.get_by_test_id("p.family.open").click()
    expect(chen.get_by_test_id("p.record.medications")).to_be_visible()
    expect(chen.get_by_test_id("p.record.allergies")).to_have_count(0)
    keep(chen, "chen-record")
    row.get_by_test_id("p.family.end").click()
    expect(row).to_have_count(0)
    chen.reload()
    expect(chen.get_by_test_id("x.error")).to_be_visible()


def sees_who_looked(wang: Page, keep: Keep) -> None:
    wang.goto("/me/access")
    for role in ("officer", "patient"):  # the latter is her daughter
        expect(wang.locator(f'[data-testid="p.access.row"][data-role="{role}"]').first).to_be_visible()
    keep(wang, "wang-access")
