"""Work on the ledger that happens on a schedule."""

from __future__ import annotations

from celery import shared_task

from records import integrity


@shared_task(name="records.check_ledger", ignore_result=True)
def check_ledger() -> int:
    """Run by beat, once a night."""
    return integrity.check()
