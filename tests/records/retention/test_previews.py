"""Whatever there is and whatever is held: a run destroys exactly what its preview counted, but for what was held in between."""

from typing import NamedTuple
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.retention import holds, runs, tombstones
from records.retention.models import Tombstone
from records.vault.models import DataKey, WrappedKey
from tests.cast import id_of, who
from tests.records.retention.conftest import key_of, old_case
from tests.records.retention.test_shredding import WHY


class Told(NamedTuple):
    """One case: whose, how many years ago, whether it was closed, what is held before the preview, and what after it."""

    patient: str
    years: float
    closed: bool
    before: str
    after: str


HOLDS = st.sampled_from(["", "", "case", "patient"])
CASES = st.builds(Told, st.sampled_from(["wang", "wu"]), st.sampled_from([1, 3.5, 4.9, 5.1, 7]), st.booleans(), HOLDS, HOLDS)


@pytest.mark.once
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(CASES, min_size=1, max_size=4))
def test_a_run_destroys_what_its_preview_counted(cast: None, told: list[Told]) -> None:
    tombstones.path().unlink(missing_ok=True)
    with transaction.atomic():
        destroyed_as_previewed(told)
        transaction.set_rollback(True)


def destroyed_as_previewed(told: list[Told]) -> None:
    keys = {key_of(old_case(one.years, patient=one.patient, summary="好转" if one.closed else None).id): one for one in told}
    for key, one in keys.items():
        place(one.before, key, one.patient)
    held = {one.patient for one in told if one.before == "patient"}
    due = {k for k, one in keys.items() if one.closed and one.years > 5 and not one.before and one.patient not in held}
    preview = runs.preview()
    assert {fate.holding.key for fate in preview.fates} == due
    if not due:
        return
    assert runs.begin(preview.digest, None).items.count() == len(due)
    for key, one in keys.items():
        place(one.after, key, one.patient)
    held |= {one.patient for one in told if one.after == "patient"}
    gone = {key for key in due if not keys[key].after and keys[key].patient not in held}
    assert runs.work() == (len(gone), len(due) - len(gone))
    assert set(Tombstone.objects.values_list("key_id", flat=True)) == gone
    assert set(WrappedKey.objects.filter(key__in=keys).values_list("key", flat=True)) == set(keys) - gone


def place(what: str, key: UUID, patient: str) -> None:
    if what:
        case = DataKey.objects.get(id=key).scope if what == "case" else None
        holds.place(who("zhou"), patient=id_of(patient), case=case, reason=WHY)
