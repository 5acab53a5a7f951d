"""The Celery application: jobs are rows, messages carry only ids, and beat sweeps up what a lost message left behind."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")

app = Celery("xinqiao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
