"""Exporting a case as an evidence pack: asked for under a grant, made by a worker, kept sealed for a few days.

The row is the job. A worker holds it by an id of its own until `lease_until`; what the broker loses, the sweep sends again.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID, uuid4

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from consult.models.packs import EvidencePack
from consult.oversight.attachments import threads_of
from consult.packs import exhibits, files
from records import grants
from records.access import loaded
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger import tree
from records.ledger.audit import check_chain
from records.ledger.leaves import parse
from records.ledger.models import Leaf, PendingLeaf
from records.pack import build, printed
from records.pack.archive import PackTooLarge
from records.pack.printed import NotPrinted
from records.retention.chain import RETENTION_CHAIN
from records.sampling import SampleItem
from records.vault import KeyMissing, Retention, SealBroken, data_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from records.ledger.models import Checkpoint
    from records.people import Person

log = structlog.get_logger(__name__)

TASK: Final = "consult.make_pack"
KEPT: Final = timedelta(days=7)
LEASE: Final = timedelta(minutes=2)
ATTEMPTS: Final = 3
RESEND: Final = timedelta(seconds=30)
SEALING_SECONDS: Final = 10.0  # how long to wait for the newest acts to be signed
PROGRESS_BYTES: Final = 4_000_000
LISTED: Final = 100
DOWNLOADED: Final = "pack.downloaded"

State = EvidencePack.State

MISMATCH: Final = ErrorKind(
    "pack.mismatch",
    409,
    "这段记录与账本不一致，已停止导出。",
    "This record does not match its seal. The export was stopped.",
)
UNREADABLE: Final = ErrorKind(
    "pack.unreadable", 409, "有内容无法打开，已停止导出。", "Some of the content cannot be opened. The export was stopped."
)
TOO_LARGE: Final = ErrorKind("pack.too_large", 409, "案件太大，需要分次导出。", "The case is too large for one pack.")
ENDED: Final = ErrorKind(
    "pack.grant_ended", 409, "授权在导出完成前已经结束。", "The grant ended before the export was finished."
)
CRASHED: Final = ErrorKind("pack.failed", 500, "导出没有成功，请再试一次。", "The export failed. Please try again.", retry=True)
TOO_LONG: Final = ErrorKind(
    "pack.print_too_long",
    409,
    "内容太多，不能制作打印件，请不带打印件再导出。",
    "This is too much for a printed form. Please export without one.",
)
NOT_PRINTED: Final = ErrorKind(
    "pack.not_printed",
    500,
    "打印件没有制作成功，请再试一次，或不带打印件导出。",
    "The printed form could not be made. Please try again, or export without one.",
    retry=True,
)
FAILURES: Final = {kind.code: kind for kind in (MISMATCH, UNREADABLE, TOO_LARGE, ENDED, CRASHED, TOO_LONG, NOT_PRINTED)}
NO_PRINTER: Final = ErrorKind(
    "pack.no_printer", 503, "本系统没有安装制作打印件的组件。", "The packages that make printed forms are not installed here."
)
ONE_EACH: Final = ErrorKind("pack.one_each", 422, "每个案件只能选一份授权。", "Please choose one grant for each consultation.")


class Fetched(NamedTuple):
    at: int  # ms since epoch
    person: UUID


class Wish(NamedTuple):
    """What shall be exported: which parts (empty: all that is granted), under which other grants too, whether to be printed, and
    whether with what quality review found."""

    content: tuple[str, ...] = ()
    also: tuple[UUID, ...] = ()
    printed: bool = False
    quality: bool = False


WHOLE: Final = Wish()


class LeaseLost(Exception):
    """Somebody else may be making this pack now: stop, and write nothing."""


@transaction.atomic
def ask(person: Person, grant_id: UUID, wish: Wish = WHOLE) -> EvidencePack:
    """Queue an export of what the grants cover. Raises Refused: NOT_FOUND without a grant in force over each case, ONE_EACH for two
    over one case, NO_PRINTER when a printed form cannot be made here."""
    if wish.printed and not printed.available():
        raise Refused(NO_PRINTER)
    pack_id, wanted = uuid4(), [grant_id, *(other for other in wish.also if other != grant_id)]
    ids = {"pack": str(pack_id)}
    opened = [grants.open_for_reading(person, one, grants.WHOLE, "pack.made", ids, action="grant.export") for one in wanted]
    if len({grant.case_id for grant in opened}) != len(opened):
        raise Refused(ONE_EACH)
    first, *others = opened
    pack = EvidencePack.objects.create(
        id=pack_id,
        grant=first,
        requested_by=person,
        content=sorted(set(wish.content)),
        printed=wish.printed,
        quality=wish.quality,
    )
    pack.also.set(others)
    transaction.on_commit(lambda: send(pack.id))
    return pack


def load(person: Person, action: str, pack_id: UUID) -> EvidencePack:
    """The pack for this act, or Refused(NOT_FOUND)."""
    return loaded(person, action, EvidencePack.objects.select_related("grant").filter(id=pack_id).first())


def listed(person: Person, grant_id: UUID) -> list[EvidencePack]:
    """Every export under a grant, newest first. Raises Refused(NOT_FOUND)."""
    grant = grants.load(person, "grant.see", grant_id)
    under = Q(grant=grant) | Q(also=grant)
    return list(EvidencePack.objects.filter(under).select_related("grant").distinct().order_by("-created_at")[:LISTED])


def downloads(packs: Collection[EvidencePack]) -> dict[UUID, list[Fetched]]:
    """Who downloaded each of these packs and when, by the ledger, the first first."""
    found: dict[UUID, list[Fetched]] = {pack.id: [] for pack in packs}
    chains = {pack.grant_id for pack in packs}
    for leaf in Leaf.objects.filter(chain__in=chains, kind=grants.READ).order_by("at", "id"):
        said = parse(bytes(leaf.data))
        pack = UUID(said.ids["pack"]) if said.ids["what"] == DOWNLOADED else None
        if pack in found and said.actor is not None:
            found[pack].append(Fetched(leaf.at, said.actor))
    return found


def open_file(person: Person, pack_id: UUID) -> EvidencePack:
    """A finished pack to be downloaded, once the download stands in the grant's chain."""
    pack = load(person, "grant.export", pack_id)
    if pack.state != State.DONE:
        raise Refused(NOT_FOUND)
    ids = {"pack": str(pack.id), "sha256": pack.sha256}
    with transaction.atomic():
        for grant in pack.grants:
            grants.open_for_reading(person, grant.id, grants.WHOLE, DOWNLOADED, ids, action="grant.export")
    return pack


def send(pack_id: UUID) -> None:
    """Tell the workers. Without a broker the sweep tries again."""
    try:
        current_app.send_task(TASK, args=[str(pack_id)])
    except (OperationalError, OSError) as error:
        log.warning("pack.unsent", pack=str(pack_id), reason=type(error).__name__)


def make(pack_id: UUID) -> None:
    """Make a pack that waits, or whose maker died. A repeated message finds nothing to do."""
    holder = uuid4()
    if not _claim(pack_id, holder):
        return
    pack = EvidencePack.objects.select_related("grant__requester").get(id=pack_id)
    try:
        _make(pack, holder)
    except LeaseLost:
        log.warning("pack.lease_lost", pack=str(pack_id))
    except (KeyMissing, SealBroken):
        _fail(pack, holder, UNREADABLE)
    except Refused as refused:
        _fail(pack, holder, refused.kind)
    except PackTooLarge:
        _fail(pack, holder, TOO_LARGE)
    except NotPrinted as reason:
        _fail(pack, holder, TOO_LONG if str(reason) == "too long" else NOT_PRINTED)
    except Exception:  # whoever waits for the pack is told; the error goes on to the log
        _fail(pack, holder, CRASHED)
        raise


def sweep() -> dict[str, int]:
    """Send again what waits without a worker, give up on what keeps killing its worker, delete files whose days are over."""
    now = timezone.now()
    lost = Q(state=State.QUEUED, created_at__lt=now - RESEND) | Q(state=State.RUNNING, lease_until__lt=now)
    lost_for_good = EvidencePack.objects.filter(lost, attempt__gte=ATTEMPTS)
    given_up = _end(lost_for_good, state=State.FAILED, failure=CRASHED.code)
    waiting = list(EvidencePack.objects.filter(lost).values_list("id", flat=True)[:100])
    for pack_id in waiting:
        send(pack_id)
    deleted = _end(EvidencePack.objects.filter(state=State.DONE, expires_at__lt=now), state=State.EXPIRED)
    return {"sent": len(waiting), "given_up": given_up, "deleted": deleted}


def _end(rows: QuerySet[EvidencePack], **values: str) -> int:
    """Of up to a hundred packs delete the file, then say so: killed between the two, the next sweep does it again. Return how many."""
    ids = list(rows.values_list("id", flat=True)[:100])
    for pack_id in ids:
        files.discard(pack_id)
        rows.filter(id=pack_id).update(**values)
    return len(ids)


def _make(pack: EvidencePack, holder: UUID) -> None:
    granted = pack.grants
    if not all(grant.in_force for grant in granted):
        raise Refused(ENDED)
    threads = [thread for grant in granted for thread in threads_of(grant.case_id)]
    samples = SampleItem.objects.filter(grant__case_id__in=[grant.case_id for grant in granted] if pack.quality else [])
    graded = set(samples.values_list("sample_id", flat=True))
    checkpoint = _signed([*threads, *(grant.id for grant in granted), *graded, RETENTION_CHAIN])
    if bent := [thread for thread in threads if check_chain(thread).state == "mismatch"]:
        log.error("pack.mismatch", pack=str(pack.id), thread=str(bent[0]))
        raise Refused(MISMATCH)
    assembled = exhibits.assemble(pack, checkpoint)
    with transaction.atomic():
        key = data_key(pack.grant_id, Retention.ACCESS)
    progress = _Progress(pack.id, holder, assembled.expected)
    file = files.PackWriter(key, pack.id, progress.wrote)
    written = build.write(assembled.pack, file)
    segments = file.finish()
    done = {"name": f"{assembled.pack.number}.zip", "size": written.size, "sha256": written.sha256, "segments": segments}
    ends = timezone.now() + KEPT
    _update(pack.id, holder, state=State.DONE, progress=1.0, key=key.id, expires_at=ends, lease_until=None, **done)


def _signed(chains: list[UUID]) -> Checkpoint:
    """The newest checkpoint, once it covers these chains: what is still unsigned would stand in the pack unproven."""
    deadline = time.monotonic() + SEALING_SECONDS
    waiting = PendingLeaf.objects.filter(leaf__chain__in=chains)
    while waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    newest = tree.latest()
    if newest is None:
        raise Refused(CRASHED)
    return newest


class _Progress:
    """Shows how far a pack is, and keeps its lease."""

    def __init__(self, pack_id: UUID, holder: UUID, expected: int) -> None:
        self._pack, self._holder, self._expected = pack_id, holder, max(1, expected)
        self._written = self._shown = 0

    def wrote(self, size: int) -> None:
        self._written += size
        if self._written - self._shown >= PROGRESS_BYTES:
            self._shown = self._written
            share = min(0.99, self._written / self._expected)
            _update(self._pack, self._holder, progress=share, lease_until=timezone.now() + LEASE)


def _claim(pack_id: UUID, holder: UUID) -> bool:
    now = timezone.now()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now)
    rows = EvidencePack.objects.filter(free, id=pack_id, attempt__lt=ATTEMPTS)
    fresh = {"state": State.RUNNING, "holder": holder, "lease_until": now + LEASE, "progress": 0.0}
    return bool(rows.update(attempt=F("attempt") + 1, **fresh))


def _update(pack_id: UUID, holder: UUID, **values: object) -> None:
    if not EvidencePack.objects.filter(id=pack_id, holder=holder, state=State.RUNNING).update(**values):
        raise LeaseLost


def _fail(pack: EvidencePack, holder: UUID, kind: ErrorKind) -> None:
    failed = EvidencePack.objects.filter(id=pack.id, holder=holder, state=State.RUNNING)
    if failed.update(state=State.FAILED, failure=kind.code, lease_until=None):
        files.discard(pack.id)
