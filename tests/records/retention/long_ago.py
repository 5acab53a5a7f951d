"""Run in a deployment of its own: makes a consultation of six years ago, or says whether its words can still be opened."""

import sys
import time
from uuid import UUID

import django

real = time.time_ns


def make() -> None:
    from tests.cast import consultation

    time.time_ns = lambda: real() - 6 * 365 * 86_400 * 10**9
    print(consultation(said=(("zhao", "您好"),), summary="好转").id)


def look(case: str) -> None:
    from consult import timeline
    from consult.models import Event
    from records.vault import KeyMissing
    from records.vault.models import WrappedKey

    event = Event.objects.get(thread=UUID(case), seq=1)
    try:
        timeline.body_of(event)
    except KeyMissing:
        assert bytes(event.body) == b""
        assert not WrappedKey.objects.filter(key=event.key_id).exists()
        print("gone")
    else:
        print("readable")


if __name__ == "__main__":
    django.setup()
    make() if len(sys.argv) == 1 else look(sys.argv[1])
