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
    from av import FFmpegError  # noqa: PLC0415
    from django.db import InterfaceError, OperationalError, connection  # noqa: PLC0415

    from records.media import StorageAway  # noqa: PLC0415 (models exist only after setup)
    from records.vault import KeyringError  # noqa: PLC0415
    from transcription import jobs  # noqa: PLC0415
    from transcription.tracks import captures, settling  # noqa: PLC0415
    from transcription.tracks.models import Capture  # noqa: PLC0415

    try:
        settling.settle(Capture.objects.select_related("patient").get(id=capture_id), holder)
    except jobs.LeaseLost:
        captures.wait_again(capture_id, holder)
    except FFmpegError:  # some are OSErrors as well, and none of them is the disk's
        raise
    except (KeyringError, StorageAway, OSError):
        captures.postpone(capture_id, holder)
    except (OperationalError, InterfaceError):
        connection.close()
        captures.postpone(capture_id, holder)


if __name__ == "__main__":
    os.nice(NICENESS)
    threading.Thread(target=end_with_parent, daemon=True).start()
    main(UUID(sys.argv[1]), UUID(sys.argv[2]))
