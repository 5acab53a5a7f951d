"""What there is to keep and to let go: one holding for each data key. Every app registers what it keeps; this one imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from uuid import UUID

from records.people import Person, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

LABELS: Final = {
    "consultation": ("咨询对话", "consultation"),
    "side": ("内部讨论", "discussion among staff"),
    "recording": ("录音与转写", "recording and transcript"),
    "record": ("病历", "medical record"),
    "grant": ("查阅授权", "access grant"),
}


class Holding(NamedTuple):
    """Everything that one data key opens. `about`: the one recording it opens, None: all of its scope and class.

    `settled`: nothing more is expected to be said (a case that is open is not). `last_at`: its last act, ms since epoch; None: none.
    """

    key: UUID
    scope: UUID
    retention: str
    label: str
    last_at: int | None
    about: UUID | None = None
    patient: UUID | None = None
    case: UUID | None = None
    settled: bool = True


class Keeper(Protocol):
    """One app's part."""

    def holdings(self, keys: Collection[UUID] | None = None) -> Iterable[Holding]:
        """What there is that is not destroyed yet; with `keys`, of these keys alone."""

    def lock(self, key: UUID) -> None:
        """Let nobody add to what the key opens until the transaction ends."""

    def erase(self, holding: Holding) -> None:
        """Empty or delete every ciphertext under the key, in the caller's transaction. Idempotent."""

    def files(self, holding: Holding) -> Iterable[Path]:
        """Files and directories to remove once that is committed; the same after it as before."""

    def left(self) -> Iterable[Path]:
        """Those of what is destroyed already that are still there, whoever did not remove them."""

    def keys_of(self, case: UUID) -> list[UUID]:
        """The keys of what was said in a case and beside it, and of what was recorded of it; destroyed ones too."""

    def seal(self, case: UUID) -> None:
        """Let nobody but the patient read a closed case any more, in the caller's transaction."""

    def patient_of(self, case: UUID) -> UUID | None:
        """Whose case it is; None when it is none of this app's."""


_keepers: Final[list[Keeper]] = []


def register(keeper: Keeper) -> None:
    _keepers.append(keeper)


def keepers() -> list[Keeper]:
    return list(_keepers)


def every(keys: Collection[UUID] | None = None) -> list[Holding]:
    """Every holding, in an order that does not change between two looks."""
    found = [holding for keeper in _keepers for holding in keeper.holdings(keys)]
    return sorted(found, key=lambda one: (one.retention, str(one.scope), str(one.key)))


def patient_of(case: UUID) -> UUID | None:
    return next((found for keeper in _keepers if (found := keeper.patient_of(case))), None)


def keys_of(case: UUID) -> list[UUID]:
    return [key for keeper in _keepers for key in keeper.keys_of(case)]


def lock(case: UUID) -> None:
    """Let nobody add to a case, nor reopen it, until the transaction ends."""
    for keeper in _keepers:
        for key in keeper.keys_of(case):
            keeper.lock(key)


def seal(case: UUID) -> None:
    for keeper in _keepers:
        keeper.seal(case)


def known_patient(person: UUID | None) -> UUID | None:
    if person is None or not Person.objects.filter(id=person, roles__role=Role.PATIENT).exists():
        return None
    return person
