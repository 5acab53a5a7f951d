"""What this hospital keeps and may let go, for `records.retention`: one holding for each data key, and how each is emptied.

Here and not below, because only here cases, calls, charts and grants are all known. A patient's notices and the broadcasts they come
from are one thread for as long as the patient is known here, and are not let go.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from consult.attachments.files import PLACE
from consult.audiences import audience
from consult.doorbell import Ring, ring
from consult.models import Consultation, Draft, Event, EvidencePack, ScheduledMessage, SideThread
from consult.models.attachments import Attachment
from consult.oversight.attachments import threads_of
from consult.oversight.cases import recordings_of
from consult.packs import files as pack_files
from records.charts import Chart, ChartEntry
from records.grants import AccessGrant, GrantNote, ReadingNote
from records.ledger.models import Chain, Leaf
from records.media import media_directory
from records.outcomes import CallOutcome
from records.plans import FollowUp
from records.retention import holdings
from records.retention.holdings import Holding
from records.vault.models import DataKey, Retention
from transcription import erasing
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

SEALED: Final = Consultation.Kept.SEALED
SHREDDED: Final = Consultation.Kept.SHREDDED
Keys = QuerySet[DataKey]
LAST_LEAF: Final = Subquery(Leaf.objects.filter(chain=OuterRef("scope")).order_by("-seq").values("at")[:1])
# What moves the clock of a medical record; the database's guard says the same (records/retention/triggers.py).
RECORD_KINDS: Final = Q(kind__startswith="chart.entry.") | Q(kind__startswith="follow_up.") | Q(kind__startswith="transcript.")


class Keeper:
    """The one keeper: `records.retention.holdings.Keeper`."""

    def holdings(self, keys: Collection[UUID] | None = None) -> Iterator[Holding]:
        rows = DataKey.objects.filter(shredded_at=None)
        if keys is not None:
            rows = rows.filter(id__in=keys)
        for find in (_consultations, _sides, _recordings, _records, _grants):
            yield from find(rows)

    def lock(self, key: UUID) -> None:
        scopes = DataKey.objects.filter(id=key).values("scope")
        about = Q(chain__in=scopes) | Q(side__chain__in=scopes)
        threads = list(Consultation.objects.select_for_update(of=("self",)).filter(about))
        if not threads:  # of a chart or a grant, whose acts lock its chain
            list(Chain.objects.select_for_update().filter(id__in=scopes))

    def erase(self, holding: Holding) -> None:
        for empty in ERASERS[holding.retention]:
            empty(holding)

    def files(self, holding: Holding) -> Iterator[Path]:
        yield from erasing.directories(holding.key)
        for attachment in Attachment.objects.filter(key_id=holding.key).values_list("id", flat=True):
            yield media_directory() / PLACE / str(attachment)
        for pack in _packs(holding).values_list("id", flat=True):
            yield pack_files.directory_of(pack)

    def left(self) -> Iterator[Path]:
        gone = Attachment.objects.filter(key__shredded_at__isnull=False).values_list("id", flat=True)
        attachments = (media_directory() / PLACE / str(id_) for id_ in gone.iterator())
        over = EvidencePack.objects.filter(state__in=[EvidencePack.State.EXPIRED, EvidencePack.State.FAILED])
        packs = (pack_files.directory_of(id_) for id_ in over.values_list("id", flat=True).iterator())
        yield from (path for path in chain(erasing.left(), attachments, packs) if path.exists())

    def keys_of(self, case: UUID) -> list[UUID]:
        threads = DataKey.objects.filter(scope__in=threads_of(case), retention=Retention.DIALOGUE)
        recorded = recordings_of(case).order_by()
        others = Recording.objects.exclude(id__in=recorded.values("id")).filter(seq__isnull=False)
        # A key that opens what was recorded of another case too stays until all of that may go.
        own = recorded.exclude(key__in=others.values("key")).values_list("key_id", flat=True).distinct()
        return [*threads.values_list("id", flat=True), *own]

    def seal(self, case: UUID) -> None:
        staff = tuple(person for thread in threads_of(case) for person in audience(thread) if person != self.patient_of(case))
        Consultation.objects.filter(chain=case, kept="").update(kept=SEALED, family=None)
        rings = [Ring("left", thread, 0, staff) for thread in threads_of(case)]
        transaction.on_commit(partial(ring, *rings))

    def patient_of(self, case: UUID) -> UUID | None:
        return Consultation.objects.filter(chain_id=case).values_list("patient_id", flat=True).first()


def register() -> None:
    holdings.register(Keeper())


def _consultations(keys: Keys) -> Iterator[Holding]:
    own = Consultation.objects.filter(chain_id=OuterRef("scope"))
    rows = keys.filter(retention=Retention.DIALOGUE).annotate(
        patient=_id(own, "patient_id"), state=Subquery(own.values("state")[:1]), last=LAST_LEAF
    )
    for row in _found(rows.filter(patient__isnull=False)):
        yield _holding(row, "consultation", case=row.scope, settled=row.state == Consultation.State.CLOSED)


def _sides(keys: Keys) -> Iterator[Holding]:
    own = SideThread.objects.filter(chain_id=OuterRef("scope"))
    rows = keys.filter(retention=Retention.DIALOGUE).annotate(
        patient=_id(own, "about__patient_id"),
        state=Subquery(own.values("about__state")[:1]),
        case=_id(own, "about_id"),
        last=LAST_LEAF,
    )
    for row in _found(rows.filter(case__isnull=False)):
        yield _holding(row, "side", case=row.case, settled=row.state == Consultation.State.CLOSED)


def _recordings(keys: Keys) -> Iterator[Holding]:
    """A call's key is of its own; an older one is shared by all calls of the chart."""
    kept = Recording.objects.filter(key_id=OuterRef("id"), seq__isnull=False).order_by()
    newest = Leaf.objects.filter(chain=OuterRef("scope"), kind__startswith="recording.", seq=OuterRef("newest"))
    rows = keys.filter(retention=Retention.DIALOGUE).annotate(
        count=Subquery(kept.values("key_id").annotate(n=Count("id")).values("n")[:1]),
        newest=Subquery(kept.values("key_id").annotate(n=Max("seq")).values("n")[:1]),
        only=_id(kept, "id"),
        patient=_id(kept, "patient_id"),
        case=_id(kept.annotate(of=Coalesce("follow_up__origin_id", "thread__sidethread__about_id", "thread_id")), "of"),
        last=Subquery(newest.values("at")[:1]),
    )
    for row in _found(rows.filter(count__isnull=False)):
        alone = row.count == 1
        yield _holding(row, "recording", case=row.case if alone else None, about=row.only if alone else None)


def _records(keys: Keys) -> Iterator[Holding]:
    own = Chart.objects.filter(chain_id=OuterRef("scope"))
    acts = Leaf.objects.filter(RECORD_KINDS, chain=OuterRef("scope")).order_by("-seq")
    rows = keys.filter(retention=Retention.RECORD).annotate(
        patient=_id(own, "patient_id"), last=Subquery(acts.values("at")[:1])
    )
    for row in _found(rows.filter(patient__isnull=False)):
        yield _holding(row, "record")


def _grants(keys: Keys) -> Iterator[Holding]:
    own = AccessGrant.objects.filter(chain_id=OuterRef("scope"))
    rows = keys.filter(retention=Retention.ACCESS).annotate(
        case=_id(own, "case_id"),
        patient=_id(own, "case__consultation__patient_id"),
        state=Subquery(own.values("state")[:1]),
        last=LAST_LEAF,
    )
    for row in _found(rows.filter(case__isnull=False)):
        open_ = row.state in {AccessGrant.State.WAITING, AccessGrant.State.RETURNED}
        yield _holding(row, "grant", case=row.case, settled=not open_)


def _id(rows: QuerySet[Any], column: str) -> Subquery:
    """One id of another row."""
    return Subquery(rows.values(column)[:1], output_field=UUIDField())


def _found(rows: Keys) -> Iterator[Any]:
    """Annotated rows; mypy does not know what an annotation adds."""
    return rows.order_by("scope", "epoch").iterator(2000)


def _holding(row: Any, label: str, *, case: UUID | None = None, about: UUID | None = None, settled: bool = True) -> Holding:
    patient = getattr(row, "patient", None)
    return Holding(row.id, row.scope, row.retention, label, row.last, about=about, patient=patient, case=case, settled=settled)


def _thread(holding: Holding) -> None:
    """What was said in a thread, and what was not said yet."""
    Event.objects.filter(thread=holding.scope, key_id=holding.key).exclude(body=b"").update(body=b"")
    Attachment.objects.filter(thread=holding.scope, key_id=holding.key).update(name=b"", received=b"", thumb=None)
    Draft.objects.filter(thread=holding.scope, key_id=holding.key).update(body=b"", key=None)
    ScheduledMessage.objects.filter(thread=holding.scope, key_id=holding.key).update(body=b"")
    _packs(holding).update(state=EvidencePack.State.EXPIRED, lease_until=None)
    Consultation.objects.filter(chain=holding.scope).update(kept=SHREDDED, family=None)


def _calls(holding: Holding) -> None:
    erasing.erase_recordings(holding.key)
    _packs(holding).update(state=EvidencePack.State.EXPIRED, lease_until=None)


def _record(holding: Holding) -> None:
    ChartEntry.objects.filter(chart=holding.scope, key_id=holding.key).exclude(body=b"").update(body=b"")
    FollowUp.objects.filter(chart=holding.scope, key_id=holding.key).update(title=b"")
    CallOutcome.objects.filter(chart=holding.scope, key_id=holding.key).update(body=b"")
    erasing.erase_transcripts(holding.key)


def _grant(holding: Holding) -> None:
    rows = AccessGrant.objects.filter(chain=holding.scope, key_id=holding.key)
    rows.update(reason=b"")
    rows.filter(first_decision__isnull=False).update(first_decision=b"")
    rows.filter(decision__isnull=False).update(decision=b"")
    rows.filter(revocation__isnull=False).update(revocation=b"")
    rows.filter(review__isnull=False).update(review=b"")
    for written in (GrantNote, ReadingNote):
        written.objects.filter(grant__in=rows).update(body=b"")
    _packs(holding).update(state=EvidencePack.State.EXPIRED, lease_until=None)


def _packs(holding: Holding) -> QuerySet[EvidencePack]:
    """Packs hold the content of their case once more, sealed under the key of their first grant."""
    if holding.retention == Retention.ACCESS:
        return EvidencePack.objects.filter(Q(key=holding.key) | Q(key=None, grant=holding.scope))
    if holding.case is None:
        return EvidencePack.objects.none()
    found = EvidencePack.objects.filter(Q(grant__case=holding.case) | Q(also__case=holding.case))
    return EvidencePack.objects.filter(id__in=found.values("id"))


ERASERS: Final[dict[str, tuple[Callable[[Holding], None], ...]]] = {
    Retention.DIALOGUE: (_thread, _calls),
    Retention.RECORD: (_record,),
    Retention.ACCESS: (_grant,),
}
