"""What was recorded of a case goes with it, stays under its hold, and never takes another case's recordings along."""

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from structlog.testing import capture_logs

from consult.models import Consultation
from records.charts import chart_of
from records.family import Scopes
from records.ledger.chains import now_ms
from records.media import media_directory
from records.plans import Title, plan
from records.retention import holds, requests, rules, runs, shredding
from records.retention.models import Tombstone
from records.retention.plan import fates
from records.tasks import let_go
from records.vault import data_key
from tests.cast import Browser, id_of, who
from tests.records.retention.conftest import no_tombstones, old_case, years_ago  # noqa: F401 - a fixture
from tests.records.retention.test_shredding import WHY, refused
from tests.records.test_family import let_in
from tests.transcription import sounds
from tests.transcription.conftest import Upload
from transcription import finding, receiving, segments
from transcription.models import Recording

SOUND = sounds.encoded(sounds.tone(0.5))


@pytest.fixture
def call_of(upload: Upload) -> Callable[[Consultation], Recording]:
    """Return a function: Nurse Sun's call after a case of six years ago, recorded then."""

    def made(case: Consultation) -> Recording:
        with years_ago(6):
            follow_up = plan(
                who("sun"), id_of("wang"), Title("回访", "Call"), timezone.now() + timedelta(days=1), origin=case.id
            )
            answer = upload(SOUND, to=follow_up.id)
        assert answer.status_code == 201, answer.content
        return Recording.objects.get(id=answer.json()["id"])

    return made


@pytest.fixture
def one_key_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before recordings had keys of their own: those of a chart share one."""
    monkeypatch.setattr(receiving, "new_key", data_key)


def heard(recording: Recording) -> bool:
    return segments.SealedReader(segments.sealed(recording)).readall() == SOUND


def erased(case: Consultation) -> set[UUID]:
    """Have a case erased; return the keys that are gone."""
    asked = requests.ask(who("wang"), case.id)
    done = requests.decide(who("zhou"), asked.id, grant=True, reason="已满最短保存期限")
    assert done.state == "done"
    return set(Tombstone.objects.values_list("key_id", flat=True))


def test_an_erasure_takes_the_call_of_its_case_and_no_other(call_of: Callable[[Consultation], Recording]) -> None:
    one, two = old_case(6), old_case(6)
    gone, kept = call_of(one), call_of(two)
    keys = erased(one)
    assert (gone.key_id in keys, kept.key_id in keys) == (True, False)
    assert heard(kept)


def test_a_hold_on_one_case_keeps_its_call_and_not_the_others(call_of: Callable[[Consultation], Recording]) -> None:
    one, two = old_case(6), old_case(6)
    held, free = call_of(one), call_of(two)
    holds.place(who("zhou"), patient=None, case=one.id, reason=WHY)
    due = {fate.holding.key for fate in runs.preview().fates}
    assert (held.key_id in due, free.key_id in due) == (False, True)
    refused(shredding.HELD, lambda: shredding.shred(held.key_id, "maximum"))
    runs.begin(runs.preview().digest, None)
    runs.work()
    assert heard(held)


@pytest.mark.usefixtures("one_key_for_all")
def test_an_erasure_leaves_a_key_that_also_opens_another_cases_call(call_of: Callable[[Consultation], Recording]) -> None:
    one, two = old_case(6), old_case(6)
    shared, kept = call_of(one), call_of(two)
    assert shared.key_id == kept.key_id
    assert shared.key_id not in erased(one)
    assert heard(kept)


@pytest.mark.usefixtures("one_key_for_all")
def test_a_hold_on_one_case_keeps_a_key_that_its_call_shares(call_of: Callable[[Consultation], Recording]) -> None:
    one, two = old_case(6), old_case(6)
    held, also = call_of(one), call_of(two)
    assert fates([held.key_id])[0].is_due(now_ms())
    holds.place(who("zhou"), patient=None, case=one.id, reason=WHY)
    refused(shredding.HELD, lambda: shredding.shred(held.key_id, "maximum"))
    assert rules.in_force()
    with pytest.raises(DatabaseError, match="legal hold"), transaction.atomic():
        Tombstone.objects.create(
            seq=999, key_id=held.key_id, scope=held.key.scope, retention="dialogue", patient_id=held.patient_id, at=now_ms()
        )
    assert heard(held)
    assert heard(also)


def test_what_was_recorded_of_a_sealed_case_is_her_own_alone_and_a_later_call_is_not(
    call_of: Callable[[Consultation], Recording], upload: Upload, browser_of: Callable[[str], Browser]
) -> None:
    case = old_case(1)
    before = call_of(case)
    let_in(scopes=Scopes("see", calls=True))
    readers = {key: browser_of(key) for key in ("wang", "chen", "sun", "zhao")}

    def who_finds(recording: Recording) -> list[set[str]]:
        """For each reader, where she finds it."""
        return [_places(key, browser, recording) for key, browser in readers.items()]

    hers, staffs = {"chart", "page", "sound", "search"}, {"chart", "page", "sound", "search", "list"}
    assert who_finds(before) == [hers, hers, staffs, staffs]
    requests.decide(who("zhou"), requests.ask(who("wang"), case.id).id, grant=True, reason="同意")
    assert who_finds(before) == [hers, set(), set(), set()]
    after = Recording.objects.get(id=upload(SOUND, to=before.follow_up_id).json()["id"])
    assert who_finds(after) == [hers, hers, staffs, staffs]


def _places(key: str, browser: Browser, recording: Recording) -> set[str]:
    address, shown = f"/api/recordings/{recording.id}", str(recording.id)
    chart, listed = browser.get(f"/api/charts/{recording.patient_id}"), browser.get("/api/followups")
    found = {
        "chart": shown in chart.content.decode(),
        "page": browser.get(address).status_code == 200,
        "sound": browser.get(f"{address}/audio").status_code == 200,
        "search": recording in finding.calls(who(key), chart_of(who("wang")), None),
        "list": shown in listed.content.decode(),
    }
    return {place for place, there in found.items() if there}


def test_files_that_a_killed_process_or_a_bad_disk_left_are_removed_another_night(
    cast: None, call_of: Callable[[Consultation], Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the test's transaction nothing is committed, so nobody removes them behind it."""
    recording = call_of(old_case(6))
    place = media_directory() / str(recording.id)
    shredding.shred(recording.key_id, "maximum")
    assert place.exists()

    def refuses(path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr("records.retention.shredding.shutil.rmtree", refuses)
        let_go()
    assert [(log["event"], log["path"]) for log in logs if log["log_level"] == "error"] == [("content.file_left", str(place))]
    let_go()
    assert not place.exists()
