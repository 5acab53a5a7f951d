"""What is due is destroyed for good, and only that: previewed, confirmed, under a tombstone, refused by the database before its time."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from consult import timeline
from consult.models import Consultation, Event
from records.charts import chart_of
from records.errors import ErrorKind, Refused
from records.ledger.audit import check_chain
from records.ledger.chains import now_ms
from records.ledger.full_audit import check_all
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from records.retention import holds, plan, rules, runs, shredding
from records.retention.chain import RETENTION_CHAIN
from records.retention.models import LegalHold, RetentionRule, Tombstone
from records.retention.terms import Term
from records.vault import KeyMissing, Retention, new_key, shred
from records.vault.models import WrappedKey
from tests.cast import id_of, lift_guard, who
from tests.records.retention.conftest import key_of, old_case

WHY = "法院要求保全，案号（2026）京 01 民初 1 号。"


def refused(kind: ErrorKind, act: Any) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.kind is kind


def refused_by_database(statement: str, values: tuple[Any, ...] = ()) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(caught.value)


def stone(case: Consultation) -> None:
    """Write a tombstone as somebody would who goes past the code."""
    place = {"seq": 999, "key_id": key_of(case.id), "scope": case.id, "retention": "dialogue", "at": now_ms()}
    with transaction.atomic():
        Tombstone.objects.create(**place, patient_id=case.patient_id, case_id=case.id)


def test_after_six_years_a_case_is_due_and_then_nothing_of_it_opens(cast: None) -> None:
    case, fresh = old_case(6), old_case(1)
    events = Event.objects.filter(thread=case.id).count()
    due = runs.preview()
    assert [fate.holding.scope for fate in due.fates] == [case.id]
    runs.confirm(who("zhou"), due.digest)
    assert runs.work() == (1, 0)
    assert Event.objects.filter(thread=case.id, body=b"").count() == events
    assert not WrappedKey.objects.filter(key=key_of(case.id)).exists()
    with pytest.raises(KeyMissing):
        timeline.body_of(Event.objects.filter(thread=case.id)[0])
    assert timeline.body_of(Event.objects.filter(thread=fresh.id)[0])
    assert runs.work() == (0, 0), "a run that is finished does nothing more"


def test_the_ledger_calls_it_shredded_and_not_missing(cast: None) -> None:
    case = old_case(6)
    runs.begin(runs.preview().digest, None)
    runs.work()
    Sequencer().drain()
    number = Tombstone.objects.get().seq
    report = check_chain(case.id)
    assert report.state == "verified"
    assert set(report.destroyed.values()) == {number}
    assert f"shredded under destruction record #{number}" in next(
        check.en for check in report.checks if check.name == "content"
    )
    totals = check_all()
    assert totals.findings == []
    assert totals.destroyed == len(report.destroyed)


def test_a_body_that_is_gone_without_a_tombstone_is_still_a_finding(cast: None) -> None:
    case, other = old_case(6), old_case(1)
    shredding.shred(key_of(case.id), "maximum")
    lift_guard("consult_event")
    Event.objects.filter(thread=other.id, seq=1).update(body=b"")
    assert [found.code for found in check_chain(other.id).findings] == ["content.changed"]


def test_the_preview_names_exactly_what_the_run_destroys(cast: None) -> None:
    old = [old_case(6) for _ in range(3)]
    old_case(2)
    held = old_case(7, patient="wu")
    holds.place(who("zhou"), patient=None, case=held.id, reason=WHY)
    planned = {fate.holding.key for fate in runs.preview().fates}
    assert planned == {key_of(case.id) for case in old}
    run = runs.begin(runs.preview().digest, None)
    assert run.items.count() == len(planned)
    assert runs.work().shredded == len(planned)
    assert set(Tombstone.objects.values_list("key_id", flat=True)) == planned


def test_a_run_that_was_killed_goes_on_where_it_was(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        old_case(6)
    runs.begin(runs.preview().digest, None)
    real, count = shredding.remove_files, iter(range(10))

    def dies(holding: Any) -> None:
        if next(count) == 1:
            raise KeyboardInterrupt
        real(holding)

    monkeypatch.setattr(shredding, "remove_files", dies)
    with pytest.raises(KeyboardInterrupt):
        runs.work()
    assert Tombstone.objects.count() == 2
    assert runs.work().shredded == 2, "the one whose files were left, and the last"
    assert Tombstone.objects.count() == 3


def test_nothing_goes_without_a_confirmed_preview(cast: None) -> None:
    old_case(6)
    assert runs.work() == (0, 0)
    digest = runs.preview().digest
    old_case(6)
    refused(runs.CHANGED, lambda: runs.confirm(who("zhou"), digest))


def test_a_hold_that_came_after_the_confirmation_spares_it(cast: None) -> None:
    case = old_case(6)
    runs.begin(runs.preview().digest, None)
    holds.place(who("zhou"), patient=id_of("wang"), case=None, reason=WHY)
    assert runs.work() == (0, 1)
    assert WrappedKey.objects.filter(key=key_of(case.id)).exists()


def test_before_the_minimum_the_code_and_the_database_refuse(cast: None) -> None:
    case = old_case(2.9)
    refused(shredding.TOO_EARLY, lambda: shredding.shred(key_of(case.id), "maximum"))
    with pytest.raises(DatabaseError, match="before the minimum"):
        stone(case)
    assert "without its tombstone" in refused_by_database(
        "DELETE FROM records_wrappedkey WHERE key_id = %s", (_raw(key_of(case.id)),)
    )
    assert "append-only" in refused_by_database("UPDATE consult_event SET body = ''")


def test_after_the_minimum_it_may_go_and_is_not_due(cast: None) -> None:
    case = old_case(3.1)
    assert runs.preview().fates == []
    shredding.shred(key_of(case.id), "maximum")
    assert Tombstone.objects.get().scope == case.id


def test_only_the_body_under_the_tombstone_may_be_emptied(cast: None) -> None:
    case, other = old_case(6), old_case(6)
    shredding.shred(key_of(case.id), "maximum")
    Event.objects.filter(thread=case.id).update(body=b"")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(thread=case.id).update(body=b"", kind="message.posted")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(thread=case.id).update(body=b"x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(thread=other.id).update(body=b"")


def test_an_open_case_never_begins_its_clock(cast: None) -> None:
    case = old_case(9, summary=None)
    assert plan.fates([key_of(case.id)])[0].allowed_from is None
    refused(shredding.TOO_EARLY, lambda: shredding.shred(key_of(case.id), "maximum"))


# Attack 11: erase under legal hold


@pytest.mark.parametrize("of_the_patient", [True, False])
def test_under_a_hold_the_code_and_the_database_refuse(cast: None, *, of_the_patient: bool) -> None:
    case = old_case(6)
    holds.place(who("zhou"), patient=id_of("wang"), case=None if of_the_patient else case.id, reason=WHY)
    assert runs.preview().fates == []
    refused(shredding.HELD, lambda: shredding.shred(key_of(case.id), "maximum"))
    with pytest.raises(DatabaseError, match="legal hold"):
        stone(case)


def test_a_hold_is_neither_deleted_nor_altered(cast: None) -> None:
    case = old_case(6)
    hold = holds.place(who("zhou"), patient=None, case=case.id, reason=WHY)
    with pytest.raises(DatabaseError, match="a hold stays"), transaction.atomic():
        LegalHold.objects.filter(chain=hold.id).delete()
    with pytest.raises(DatabaseError, match="not altered"), transaction.atomic():
        LegalHold.objects.filter(chain=hold.id).update(patient=id_of("wu"))


# Attack 11: one-person release


def test_a_release_takes_two_people(cast: None) -> None:
    case = old_case(6)
    hold = holds.place(who("zhou"), patient=None, case=case.id, reason=WHY)
    refused(holds.NOT_ASKED, lambda: holds.release(who("he"), hold.id))
    holds.ask_release(who("zhou"), hold.id, reason="案件已结")
    refused(holds.ANOTHER, lambda: holds.release(who("zhou"), hold.id))
    with pytest.raises(DatabaseError), transaction.atomic():
        LegalHold.objects.filter(chain=hold.id).update(released_by=id_of("zhou"), released_at="2026-01-01T00:00:00Z")
    with pytest.raises(DatabaseError), transaction.atomic():
        LegalHold.objects.filter(chain=hold.id).update(
            asked_by=None, released_by=id_of("he"), released_at="2026-01-01T00:00:00Z"
        )
    holds.release(who("he"), hold.id)
    kinds = list(Leaf.objects.filter(chain=hold.id).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["hold.placed", "hold.release_asked", "hold.released"]
    assert check_chain(hold.id).findings == []
    assert [fate.holding.scope for fate in runs.preview().fates] == [case.id]
    with pytest.raises(DatabaseError, match="not altered"), transaction.atomic():
        LegalHold.objects.filter(chain=hold.id).update(released_by=None, released_at=None)


def test_a_minimum_only_grows(cast: None) -> None:
    rules.set_term(who("he"), "dialogue", Term(48, 60))
    refused(rules.TOO_SHORT, lambda: rules.set_term(who("he"), "dialogue", Term(36, 60)))
    refused(rules.UPSIDE_DOWN, lambda: rules.set_term(who("he"), "dialogue", Term(60, 48)))
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        RetentionRule.objects.filter(retention="dialogue").update(minimum=36)
    with pytest.raises(DatabaseError), transaction.atomic():
        RetentionRule.objects.create(retention="access", minimum=1, maximum=2)
    refused(shredding.TOO_EARLY, lambda: shredding.shred(key_of(old_case(3.5).id), "maximum"))
    assert Leaf.objects.filter(chain=RETENTION_CHAIN, kind=rules.SET).count() == 1


def test_a_tombstone_for_somebody_elses_key_is_refused(cast: None) -> None:
    old, fresh = old_case(6), old_case(1)
    assert rules.in_force()
    with pytest.raises(DatabaseError, match="no such key"), transaction.atomic():
        Tombstone.objects.create(seq=999, key_id=key_of(fresh.id), scope=old.id, retention="dialogue", at=now_ms())
    refused(shredding.NOT_THERE, lambda: shredding.shred(uuid4(), "maximum"))


def test_a_tombstone_stays(cast: None) -> None:
    shredding.shred(key_of(old_case(6).id), "maximum")
    for statement in ("UPDATE records_tombstone SET at = at", "DELETE FROM records_tombstone"):
        assert "append-only" in refused_by_database(statement)
    if connection.vendor == "sqlite":
        assert "append-only" in refused_by_database("REPLACE INTO records_tombstone SELECT * FROM records_tombstone")


def test_a_key_of_a_recording_that_is_not_in_the_ledger_needs_no_tombstone(cast: None) -> None:
    """Such as of an upload that broke off."""
    chart = chart_of(who("wang"))
    with transaction.atomic():
        key = new_key(chart.id, Retention.DIALOGUE)
        shred([key.id])
    assert not WrappedKey.objects.filter(key=key.id).exists()


def _raw(id_: Any) -> Any:
    return id_.hex if connection.vendor == "sqlite" else id_
