"""A call between Wang and Dr Zhao as their devices record it: captures without a call around them, tracks cut into slices."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.db.models import F

from records.ledger.chains import now_ms
from records.ledger.models import Chain
from tests.cast import client_id, id_of, who
from tests.transcription import sounds
from transcription.models import Capture, Track
from transcription.tracks import captures, settling, taking
from transcription.tracks.captures import Window
from transcription.tracks.taking import Sent

SLICE = 4_000  # bytes, about a second


def capture(seconds_ago: float = 60.0) -> Capture:
    """One that has been running for a minute, to which both agreed."""
    return Capture.objects.create(
        call=uuid4(),
        generation=1,
        thread=Chain.objects.create(id=uuid4()),
        patient=who("wang"),
        asked_by=who("zhao"),
        people=sorted([str(id_of("wang")), str(id_of("zhao"))]),
        on_at=now_ms() - int(seconds_ago * 1000),
    )


def window(of: Capture, *, kept: bool = True) -> Callable[[], Window]:
    return lambda: Window(of.on_at, of.off_at, kept)


def webm(samples: sounds.Samples) -> bytes:
    return sounds.encoded(samples, container="webm")


def opened(of: Capture, key: str, age_s: float, *, by_server: bool = False) -> Track:
    return taking.opened(who(key), of, client_id(), int(age_s * 1000), by_server=by_server)


def reading(data: bytes) -> Callable[[int], bytes]:
    """What an upload's body is read with."""
    rest = memoryview(data)

    def read(most: int) -> bytes:
        nonlocal rest
        part, rest = rest[:most], rest[most:]
        return bytes(part)

    return read


def send(track: Track, data: bytes, sent: Sent | None = None, ask: Callable[[], Window] | None = None) -> Track:
    """One piece at the end of what there is."""
    checked = sent or Sent(track.size, sha256=hashlib.sha256(data).digest())
    return taking.take(track, checked, reading(data), ask or window(track.capture))


def send_all(track: Track, data: bytes, seconds: float) -> Track:
    """Slice by slice, then the length, as a device does that recorded for `seconds`."""
    for start in range(0, len(data), SLICE):
        done = min(1.0, (start + SLICE) / len(data))
        piece = data[start : start + SLICE]
        track = send(track, piece, Sent(start, int(seconds * done * 1000), sha256=hashlib.sha256(piece).digest()))
    return send(track, b"", Sent(track.size, int(seconds * 1000), len(data)))


def over(of: Capture, *, kept: bool = True) -> Capture:
    captures.over(of, Window(of.on_at, now_ms(), kept))
    of.refresh_from_db()
    return of


def long_ago(of: Capture, ms: int = 3_700_000) -> None:
    """As if all of it had been more than an hour ago, and nothing had come since."""
    Capture.objects.filter(id=of.id).update(on_at=F("on_at") - ms, off_at=F("off_at") - ms)
    of.tracks.update(started_at=F("started_at") - ms, last_at=F("last_at") - timedelta(milliseconds=ms))
    of.refresh_from_db()


def settled(of: Capture) -> Capture:
    """Join it here and now, as its worker would."""
    captures.sweep()
    holder = uuid4()
    assert captures.claim(of.id, holder)
    settling.settle(Capture.objects.get(id=of.id), holder)
    of.refresh_from_db()
    return of
