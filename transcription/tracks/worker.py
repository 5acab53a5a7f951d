"""One capture joined in a process of its own: `python -m transcription.tracks.worker CAPTURE HOLDER`. See transcription/worker.py."""

from __future__ import annotations

import os
import sys
import threading
from uuid import UUID

import django

from transcription.worker import NICENESS, end_with_parent


def main(capture_id: UUID, holder: UUID) -> None:
    django.setup()
    from transcription.tracks import settling  # noqa: PLC0415 (models exist only after setup)

    settling.run(capture_id, holder)


if __name__ == "__main__":
    os.nice(NICENESS)
    threading.Thread(target=end_with_parent, daemon=True).start()
    main(UUID(sys.argv[1]), UUID(sys.argv[2]))
