"""What beat starts, and how often: seconds, or times of the day. `expires`: a message that waited so long is dropped, the next is due."""

from typing import Any, Final

from celery.schedules import crontab

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    # Not on the queue of the transcriptions themselves: nothing of these may wait behind one that takes long, or hangs.
    "sweep transcriptions": {"task": "transcription.sweep", "schedule": 10.0, "options": {"queue": "default", "expires": 10}},
    "clear abandoned uploads": {"task": "transcription.clear_abandoned", "schedule": 3600.0, "options": {"queue": "default"}},
    "take calls of exchanges": {
        "task": "transcription.take_calls",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 30},
    },
    "sweep voice notes": {"task": "consult.sweep_voice_notes", "schedule": 10.0, "options": {"expires": 10}},
    "sweep captures": {"task": "consult.sweep_captures", "schedule": 10.0, "options": {"expires": 10}},
    "check the ledger": {"task": "records.check_ledger", "schedule": crontab(hour=3, minute=30)},
    "stamp the ledger": {"task": "records.stamp_ledger", "schedule": 60.0, "options": {"expires": 60}},
    "sweep attachments": {"task": "consult.sweep_attachments", "schedule": 600.0, "options": {"expires": 600}},
    "send scheduled messages": {"task": "consult.send_scheduled", "schedule": 2.0, "options": {"expires": 2}},
    "sweep rooms": {"task": "consult.sweep_rooms", "schedule": 60.0, "options": {"expires": 60}},
    "sweep calls": {"task": "consult.sweep_calls", "schedule": 30.0, "options": {"expires": 30}},
    "remind of calls": {"task": "consult.remind_calls", "schedule": 15.0, "options": {"expires": 15}},
    "sweep broadcasts": {"task": "consult.sweep_broadcasts", "schedule": 3.0, "options": {"expires": 3}},
    "let go": {"task": "records.let_go", "schedule": crontab(hour=4, minute=10)},
    "keep up reviews": {"task": "records.keep_up_reviews", "schedule": 600.0, "options": {"expires": 600}},
    "clear sessions": {"task": "records.clear_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep packs": {"task": "consult.sweep_packs", "schedule": 30.0, "options": {"expires": 30}},
}
