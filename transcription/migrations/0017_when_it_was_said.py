"""Calls within threads get the time at which they began, which grants go by; the ids that exchanges gave calls become hashes."""

from datetime import UTC, datetime
from typing import Any

from django.db import migrations
from django.db.models import F


def amend(apps: Any, editor: Any) -> None:
    recordings = apps.get_model("transcription", "Recording").objects
    tracks = apps.get_model("transcription", "Track").objects.filter(recording__isnull=False)
    first: dict[Any, datetime] = {}
    for track in tracks.order_by("started_at", "id").iterator(2000):
        began = datetime.fromtimestamp(track.started_at / 1000, UTC)
        first.setdefault(track.capture_id, began)
        recordings.filter(id=track.recording_id).update(created_at=began)
    captures = apps.get_model("transcription", "Capture").objects.filter(recording__isnull=False)
    for capture in captures.iterator(2000):
        if capture.id in first:
            recordings.filter(id=capture.recording_id).update(created_at=first[capture.id])
    recordings.filter(exchange__isnull=False).update(call_id=F("client_id"))


class Migration(migrations.Migration):
    dependencies = [("transcription", "0015_capture_sweeps")]

    operations = [migrations.RunPython(amend, migrations.RunPython.noop)]
