"""What in the access log somebody should look at. A hint says what was counted and against which bound, never that it was wrong. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo
    from uuid import UUID

HOUR: Final = 3_600_000  # ms
DAY: Final = 24 * HOUR
PATIENTS, EXPORTS, OFF_DUTY, OWN, FAMILY, COLLEAGUE, GLASS = (
    "patients", "exports", "off_duty", "own", "family", "colleague", "glass",
)  # fmt: skip
RULES: Final = (GLASS, OWN, FAMILY, COLLEAGUE, PATIENTS, EXPORTS, OFF_DUTY)  # as they are listed


class Seen(NamedTuple):
    """An act of the log as the rules need it: its leaf, when (ms since epoch), whose, and about which patient."""

    leaf: int
    at: int
    actor: UUID
    patient: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how many on something is a hint. `opens` and `closes`: minutes of the day; `days`: ISO weekdays, Monday 1."""

    patients: int  # different ones, whose records somebody opens within an hour
    exports: int  # within an hour
    off_duty: int  # acts between two days of duty
    opens: int
    closes: int
    days: frozenset[int]

    def on_duty(self, moment: datetime) -> bool:
        return moment.isoweekday() in self.days and self.opens <= moment.hour * 60 + moment.minute < self.closes


class Close(NamedTuple):
    """Who stands close to a patient, by the patient: the accounts of the same person on the staff, and of family on the staff."""

    selves: Mapping[UUID, frozenset[UUID]]
    family: Mapping[UUID, frozenset[UUID]]


class Month(NamedTuple):
    """Its own acts are those from `since` to before `until`, ms since epoch. What goes on at its end is looked at for a DAY more, and
    belongs to the month in which it began; what went on after `seen`, up to where the month before was looked at, to this one."""

    since: int
    until: int
    seen: int

    def owns(self, hint: Hint) -> bool:
        """Whether a hint over several acts is this month's."""
        return self.since <= hint.since < self.until or (hint.since < self.since and hint.until >= self.seen)


class Hint(NamedTuple):
    """`counted`: what the rule counts (acts, or patients). `leaves`: the acts, oldest first; `since` and `until`: when, ms since epoch."""

    rule: str
    actor: UUID
    counted: int
    leaves: tuple[int, ...]
    since: int
    until: int
    patient: UUID | None = None

    @property
    def key(self) -> str:
        """The same as long as the hint begins with the same act."""
        return f"{self.rule}-{self.leaves[0]}"

    @property
    def through(self) -> int:
        """Its last act: what was said of the hint holds up to it."""
        return max(self.leaves)


def found(
    reads: Iterable[Seen], exports: Iterable[Seen], close: Close, bounds: Bounds, month: Month, zone: tzinfo
) -> list[Hint]:
    """Every hint of a month but those of broken glass, by rule and time. `reads` and `exports`: of staff, oldest first, and from a DAY
    before the month to where it is looked at."""
    opened, taken = _by_actor(reads), _by_actor(exports)
    about = ([act for act in acts if act.patient is not None] for acts in opened.values())
    hints = [hint for acts in about for hint in _bursts(PATIENTS, acts, bounds.patients, lambda act: act.patient)]
    hints += [hint for acts in taken.values() for hint in _bursts(EXPORTS, acts, bounds.exports, lambda act: act.leaf)]
    for actor in {*opened, *taken}:
        both = sorted([*opened.get(actor, ()), *taken.get(actor, ())], key=lambda act: (act.at, act.leaf))
        hints += _off_duty(both, bounds, zone)
    hints = [hint for hint in hints if month.owns(hint)]
    own = ([act for act in acts if month.since <= act.at < month.until] for acts in opened.values())
    hints += [hint for acts in own for hint in _close(acts, close)]
    return in_order(hints)


def in_order(hints: Iterable[Hint]) -> list[Hint]:
    return sorted(hints, key=lambda hint: (RULES.index(hint.rule), hint.since, hint.leaves[0]))


def _by_actor(acts: Iterable[Seen]) -> dict[UUID, list[Seen]]:
    sorted_out: dict[UUID, list[Seen]] = defaultdict(list)
    for act in acts:
        sorted_out[act.actor].append(act)
    return sorted_out


def _bursts(rule: str, acts: Sequence[Seen], bound: int, what: Callable[[Seen], Hashable]) -> Iterator[Hint]:
    """Each stretch at every moment of which at least `bound` different things were counted within an hour."""
    hour: deque[Seen] = deque()
    counts: Counter[Hashable] = Counter()
    burst: list[Seen] = []
    for act in acts:
        while hour and act.at - hour[0].at >= HOUR:
            gone = what(hour.popleft())
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
        hour.append(act)
        counts[what(act)] += 1
        if len(counts) < bound:
            continue
        if burst and hour[0].at > burst[-1].at:
            yield _hint(rule, burst, len({what(one) for one in burst}))
            burst = []
        burst += _newer(hour, burst)
    if burst:
        yield _hint(rule, burst, len({what(one) for one in burst}))


def _newer(hour: deque[Seen], burst: Sequence[Seen]) -> list[Seen]:
    """Those of the hour that are not in the burst yet, found from its end: most of an hour usually is."""
    last = (burst[-1].at, burst[-1].leaf) if burst else (0, 0)
    return [*takewhile(lambda act: (act.at, act.leaf) > last, reversed(hour))][::-1]


def _off_duty(acts: Sequence[Seen], bounds: Bounds, zone: tzinfo) -> Iterator[Hint]:
    """A night belongs to the day before it."""
    nights: dict[object, list[Seen]] = defaultdict(list)
    for act in acts:
        moment = datetime.fromtimestamp(act.at / 1000, zone)
        if not bounds.on_duty(moment):
            nights[(moment - timedelta(minutes=bounds.opens)).date()].append(act)
    for night in nights.values():
        if len(night) >= bounds.off_duty:
            yield _hint(OFF_DUTY, night, len(night))


def _close(acts: Iterable[Seen], close: Close) -> Iterator[Hint]:
    nobody: frozenset[UUID] = frozenset()
    about: dict[tuple[str, UUID], list[Seen]] = defaultdict(list)
    for act in acts:
        if act.patient is None:
            continue
        selves = close.selves.get(act.patient, nobody)
        if act.actor in selves:
            about[OWN, act.patient].append(act)
        elif act.actor in close.family.get(act.patient, nobody):
            about[FAMILY, act.patient].append(act)
        elif selves:
            about[COLLEAGUE, act.patient].append(act)
    for (rule, patient), those in about.items():
        yield _hint(rule, those, len(those), patient)


def _hint(rule: str, acts: Sequence[Seen], counted: int, patient: UUID | None = None) -> Hint:
    return Hint(rule, acts[0].actor, counted, tuple(act.leaf for act in acts), acts[0].at, acts[-1].at, patient)
