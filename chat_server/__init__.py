"""Wiring only: settings, routing and the Celery application. `@shared_task` needs the latter loaded with Django."""

from chat_server.celery import app as celery_app

__all__ = ["celery_app"]
