"""The Celery application: jobs are rows, messages carry only ids, and beat sweeps up what a lost message left behind."""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")

app = Celery("xinqiao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def replay_tombstones(**kwargs: object) -> None:
    """No worker opens what a restored backup brought back: destroyed again, or the worker does not start.

    Celery logs every Exception of a receiver and goes on, whatever it was: SystemExit is none.
    """
    from records.retention import replaying  # noqa: PLC0415 - models are loaded only now

    try:
        replaying.replay()
    except Exception as error:
        raise SystemExit(f"What a backup brought back cannot be destroyed again: {error}") from error
