"""Work on the ledger that happens on a schedule."""

from __future__ import annotations

import structlog
from celery import shared_task

from records import integrity
from records.accesslog import reviews
from records.identity import signins
from records.ledger import timestamps
from records.ledger.outbound import Unreachable
from records.ledger.timestamps import StampError
from records.retention import replaying, requests, runs, shredding

log = structlog.get_logger(__name__)


@shared_task(name="records.check_ledger", ignore_result=True)
def check_ledger() -> int:
    """Run by beat, once a night."""
    return integrity.check()


@shared_task(name="records.let_go", ignore_result=True)
def let_go() -> int:
    """Run by beat, once a night: what somebody confirmed or granted, and nothing else."""
    replaying.write_missing()  # where it cannot be written down that something is destroyed, nothing more is
    destroyed = requests.work() + runs.work().shredded
    shredding.sweep()
    return destroyed


@shared_task(name="records.keep_up_reviews", ignore_result=True)
def keep_up_reviews() -> int:
    """Run by beat: the months of the access log, and who reviews them."""
    return reviews.keep_up()


@shared_task(name="records.clear_sessions", ignore_result=True)
def clear_sessions() -> int:
    """Run by beat every hour."""
    return signins.clear()


@shared_task(name="records.stamp_ledger", ignore_result=True)
def stamp_ledger() -> None:
    """Run by beat every minute; stamps at most once a period."""
    try:
        timestamps.stamp_if_due()
    except Unreachable as error:
        log.warning("ledger_stamp_missing", reason=str(error))
    except StampError as error:
        log.critical("ledger_stamp_wrong", reason=str(error))
