"""What in the access log is a hint, counted on invented acts: the bounds, one less, and every hour somebody could slip through."""

from datetime import UTC, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from records.accesslog.hints import (
    COLLEAGUE,
    DAY,
    EXPORTS,
    FAMILY,
    HOUR,
    OFF_DUTY,
    OWN,
    PATIENTS,
    Bounds,
    Close,
    Hint,
    Month,
    Seen,
    found,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOUNDS = Bounds(patients=4, exports=3, off_duty=2, opens=7 * 60, closes=20 * 60, days=frozenset({1, 2, 3, 4, 5}))
NOBODY = Close({}, {})
ZHOU, HE = uuid4(), uuid4()
PEOPLE = [uuid4() for _ in range(9)]


def at(text: str) -> int:
    """A moment of the hospital's own time, ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


NOON = at("2026-11-18 12:00")  # a Wednesday


def looked(times: list[int], actor: UUID = ZHOU, people: list[UUID] = PEOPLE) -> list[Seen]:
    return [Seen(place, moment, actor, people[(place - 1) % len(people)]) for place, moment in enumerate(times, 1)]


NOVEMBER = Month(at("2026-11-01 00:00"), at("2026-12-01 00:00"), at("2026-11-02 00:00"))


def hints(
    reads: list[Seen] = [],  # noqa: B006
    exports: list[Seen] = [],  # noqa: B006
    close: Close = NOBODY,
    month: Month = NOVEMBER,
) -> list[Hint]:
    return found(reads, exports, close, BOUNDS, month, SHANGHAI)


def test_as_many_patients_within_an_hour_as_the_bound_are_a_hint_and_one_less_is_none() -> None:
    spread = [NOON + place * (HOUR - 1) // 3 for place in range(4)]
    (hint,) = hints(looked(spread))
    assert (hint.rule, hint.actor, hint.counted, hint.leaves, hint.since, hint.until) == (
        PATIENTS, ZHOU, 4, (1, 2, 3, 4), spread[0], spread[-1],
    )  # fmt: skip
    assert hints(looked(spread[:3])) == []
    assert hints(looked([*spread[:3], NOON + HOUR])) == [], "an hour later the first one no longer counts"
    assert hints(looked([NOON] * 8, people=PEOPLE[:3])) == [], "the same three patients, however often"


def test_two_people_are_not_one_who_reads_much() -> None:
    assert hints([*looked([NOON] * 3), *looked([NOON] * 3, HE, PEOPLE[3:])]) == []


def test_what_goes_on_is_one_hint_and_what_begins_again_another() -> None:
    on = [NOON + place * HOUR // 5 for place in range(9)]
    again = [on[-1] + 2 * HOUR + place for place in range(4)]
    first, second = hints(looked([*on, *again]))
    assert (first.leaves, second.leaves) == (tuple(range(1, 10)), (10, 11, 12, 13))
    assert (first.key, first.through) == ("patients-1", 9)


@given(st.lists(st.integers(0, 3 * HOUR), max_size=40), st.data())
def test_whoever_counts_every_hour_by_hand_finds_the_same_acts(times: list[int], data: st.DataObject) -> None:
    """No act of a full hour is left out, none of another is in, and no act is in two hints."""
    whom = data.draw(st.lists(st.sampled_from(PEOPLE), min_size=len(times), max_size=len(times)))
    reads = [
        Seen(place, NOON + moment, ZHOU, who) for place, (moment, who) in enumerate(zip(sorted(times), whom, strict=True), 1)
    ]
    by_hand: set[int] = set()
    for place in range(len(reads)):
        hour = [one for one in reads[: place + 1] if reads[place].at - one.at < HOUR]
        if len({one.patient for one in hour}) >= BOUNDS.patients:
            by_hand |= {one.leaf for one in hour}
    listed = [leaf for hint in hints(reads) if hint.rule == PATIENTS for leaf in hint.leaves]
    assert len(listed) == len(set(listed))
    assert set(listed) == by_hand


def test_exports_in_a_row_are_counted_each() -> None:
    (hint,) = hints(exports=looked([NOON, NOON + 1, NOON + 2]))
    assert (hint.rule, hint.counted) == (EXPORTS, 3)
    assert hints(exports=looked([NOON, NOON + 1])) == []


def test_a_night_off_duty_is_one_hint_that_does_not_end_at_midnight() -> None:
    night = [at("2026-11-18 23:50"), at("2026-11-19 00:10")]
    (hint,) = hints(looked(night))
    assert (hint.rule, hint.counted) == (OFF_DUTY, 2)
    apart = [at("2026-11-18 06:59"), at("2026-11-18 20:00")]
    assert hints(looked(apart)) == [], "the night before and the night after"
    assert hints(looked([at("2026-11-18 07:00"), at("2026-11-18 19:59")])) == []
    (saturday,) = hints([*looked([at("2026-11-21 10:00")])], [Seen(9, at("2026-11-21 11:00"), ZHOU)])
    assert saturday.leaves == (1, 9), "readings and exports together"


def test_what_goes_on_at_a_months_end_is_one_hint_of_the_month_in_which_it_began() -> None:
    ends = NOVEMBER.until
    december = Month(ends, ends + 31 * DAY, ends + DAY)
    night = looked([ends - 600_000, ends - 500_000, ends + 500_000, ends + 600_000])
    (burst, dark) = hints(night)
    assert (burst.rule, burst.counted, dark.rule, dark.counted) == (PATIENTS, 4, OFF_DUTY, 4)
    assert hints(night, month=december) == [], "it is settled once"
    signed = december._replace(seen=ends + 550_000)
    assert [hint.leaves for hint in hints(night, month=signed)] == [burst.leaves, dark.leaves], "November was signed meanwhile"


def test_every_reading_of_ones_own_record_is_of_the_month_it_was_in() -> None:
    close = Close({PEOPLE[0]: frozenset({ZHOU})}, {})
    both = looked([NOVEMBER.until - 5 * HOUR, NOVEMBER.until + 9 * HOUR], people=PEOPLE[:1])
    december = Month(NOVEMBER.until, NOVEMBER.until + 31 * DAY, NOVEMBER.until + DAY)
    assert [[hint.leaves for hint in hints(both, close=close, month=one)] for one in (NOVEMBER, december)] == [[(1,)], [(2,)]]


def test_the_clock_is_the_hospitals_not_the_servers() -> None:
    noon_in_london = int(datetime(2026, 11, 18, 12, tzinfo=UTC).timestamp() * 1000)
    assert [hint.rule for hint in hints(looked([noon_in_london, noon_in_london + 1]))] == [OFF_DUTY]


def test_ones_own_a_relatives_and_a_colleagues_record_are_told_apart() -> None:
    own, mother, colleague, stranger = PEOPLE[:4]
    close = Close({own: frozenset({ZHOU}), colleague: frozenset({HE})}, {mother: frozenset({ZHOU})})
    listed = hints(looked([NOON] * 3 + [NOON + HOUR] * 3, people=[own, mother, colleague]), close=close)
    assert [(hint.rule, hint.patient, hint.leaves) for hint in listed] == [
        (OWN, own, (1, 4)), (FAMILY, mother, (2, 5)), (COLLEAGUE, colleague, (3, 6)),
    ]  # fmt: skip
    assert hints(looked([NOON], people=[stranger]), close=close) == []
