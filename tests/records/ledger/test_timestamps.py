"""Time stamps of a real authority (openssl ts): only for what was stamped, by whom it was to be stamped, while its certificate held."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from structlog.testing import capture_logs

from records import integrity
from records.ledger import timestamps, tree
from records.ledger.models import Checkpoint, Timestamp
from records.ledger.outbound import Unreachable
from records.ledger.sequencer import Sequencer
from records.ledger.timestamps import Authority, StampError
from records.tasks import stamp_ledger
from tests.cast import flipped
from tests.records.ledger.authority import Stamper, listening, stamper
from tests.records.ledger.conftest import Talk

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=1)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Stamper:
    return stamper(tmp_path_factory.mktemp("tsa") / "good")


@pytest.fixture
def newest(talk: Talk) -> Checkpoint:
    talk(3)
    Sequencer().drain()
    found = tree.latest()
    assert found is not None
    return found


def roots(of: Stamper) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(of.root.read_bytes())


@contextmanager
def authority(signing: Stamper, believed: Stamper | None = None) -> Iterator[Authority]:
    with listening(signing) as url:
        yield Authority(url, roots(believed or signing))


@pytest.fixture
def on(good: Stamper, settings: Any) -> Iterator[None]:
    """The deployment is told of the good authority."""
    with listening(good) as url:
        settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE = url, str(good.root)
        yield


def test_a_checkpoint_is_stamped_and_the_stamp_says_when(newest: Checkpoint, good: Stamper) -> None:
    with authority(good) as asked:
        kept = timestamps.stamp(asked, newest)
    at = timestamps.verify(bytes(kept.response), newest.note.encode(), roots(good))
    assert abs(datetime.now(UTC) - at) < SOON
    assert kept.at == int(at.timestamp() * 1000)
    assert timestamps.of(newest.size) == kept


def test_a_stamp_for_another_message_is_refused(newest: Checkpoint, good: Stamper) -> None:
    """Attack 21."""
    with authority(good) as asked:
        kept = timestamps.stamp(asked, newest)
    with pytest.raises(StampError, match="Mismatch between messages"):
        timestamps.verify(bytes(kept.response), newest.note.encode() + b"x", roots(good))


def test_a_stamp_that_was_made_for_an_earlier_query_is_refused(newest: Checkpoint, good: Stamper) -> None:
    """Of the right message, with another query's number: somebody plays an old answer back."""
    with authority(good) as asked:
        old = timestamps.stamp(asked, newest)
    answer = bytes(old.response)
    with listening(answer) as url, pytest.raises(StampError, match="Nonce mismatch"):
        timestamps.stamp(Authority(url, roots(good)), newest)


def test_an_authority_whose_certificate_has_expired_is_refused(newest: Checkpoint, tmp_path: Path) -> None:
    """Attack 21: it signs all the same, as `openssl ts` does."""
    with authority(stamper(tmp_path / "expired", days=-1)) as asked, pytest.raises(StampError, match="certificates"):
        timestamps.stamp(asked, newest)
    assert not Timestamp.objects.exists()


def test_an_authority_that_nobody_vouches_for_is_refused(newest: Checkpoint, tmp_path: Path, good: Stamper) -> None:
    """Attack 21: the same names, other keys."""
    with authority(stamper(tmp_path / "foreign"), believed=good) as asked, pytest.raises(StampError, match="certificates"):
        timestamps.stamp(asked, newest)
    assert not Timestamp.objects.exists()


def test_one_flipped_bit_of_what_is_signed_or_of_the_signature_is_refused(newest: Checkpoint, good: Stamper) -> None:
    with authority(good) as asked:
        response = bytes(timestamps.stamp(asked, newest).response)
    said = range(response.index(hashlib.sha256(newest.note.encode()).digest()), response.index(b"Test root") - 60)
    for place in (*said[:: len(said) // 20], *range(len(response) - 40, len(response), 4)):
        bent = flipped(response, place)
        with pytest.raises(StampError):
            timestamps.verify(bent, newest.note.encode(), roots(good))


def test_what_is_no_stamp_is_not_kept(newest: Checkpoint, good: Stamper) -> None:
    for answer in (b"", b"\x30\x00", b"no"):
        with listening(answer) as url, pytest.raises(StampError):
            timestamps.stamp(Authority(url, roots(good)), newest)
    assert not Timestamp.objects.exists()


@pytest.mark.usefixtures("on")
def test_the_newest_checkpoint_is_stamped_once_a_period(
    newest: Checkpoint, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp_ledger()
    stamp_ledger()
    talk(2)
    Sequencer().drain()
    stamp_ledger()
    assert list(Timestamp.objects.values_list("checkpoint_id", flat=True)) == [3], "not before an hour has passed"
    later = newest.at + 2 * 3_600_000
    monkeypatch.setattr(timestamps, "now_ms", lambda: later)
    stamp_ledger()
    assert list(Timestamp.objects.order_by("at", "checkpoint_id").values_list("checkpoint_id", flat=True)) == [3, 5]


def test_an_authority_that_is_away_or_false_is_logged_and_delays_nothing(
    newest: Checkpoint, good: Stamper, settings: Any
) -> None:
    def said(url: str) -> list[str]:
        settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE = url, str(good.root)
        with capture_logs() as logs:
            stamp_ledger()
        return [line["event"] for line in logs]

    assert said("http://127.0.0.1:1/tsa") == ["ledger_stamp_missing"]
    with listening(b"no") as url:
        assert said(url) == ["ledger_stamp_wrong"]
    with pytest.raises(Unreachable):
        timestamps.stamp(Authority("http://127.0.0.1:1/tsa", roots(good)), newest)


def test_without_an_authority_nothing_is_asked_and_nothing_is_missed(newest: Checkpoint) -> None:
    stamp_ledger()
    assert not Timestamp.objects.exists()
    assert timestamps.standing() is None


@pytest.mark.usefixtures("on")
def test_the_integrity_centre_says_when_the_ledger_was_last_stamped(
    newest: Checkpoint, browser_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = browser_of("zhou")
    assert officer.get("/api/integrity").json()["time_stamp"] == {"size": None, "at": None, "late": False}
    stamp_ledger()
    shown = officer.get("/api/integrity").json()["time_stamp"]
    stamped = Timestamp.objects.get()
    assert (shown["size"], shown["late"]) == (stamped.checkpoint_id, False)
    assert datetime.fromisoformat(shown["at"]).timestamp() * 1000 == stamped.at


@pytest.mark.usefixtures("on")
def test_stamps_that_stay_away_are_an_alarm(newest: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timestamps, "now_ms", lambda: newest.at + 4 * 3_600_000)
    health = integrity.Health(newest, 0, False, True, None, None, "", stamped=timestamps.standing())
    assert not health.ok
    assert "time-stamped" in health.sentence[1]


@pytest.mark.parametrize(
    ("url", "certificate"), [("http://tsa", ""), ("", "root"), ("ftp://tsa", "root"), ("http://tsa", "key")]
)
def test_a_setting_that_cannot_be_used_stops_the_start(settings: Any, good: Stamper, url: str, certificate: str) -> None:
    files = {"root": good.root, "key": good.place / "tsa.key", "": ""}
    settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE = url, str(files[certificate])
    with pytest.raises(ImproperlyConfigured):
        timestamps.configured()
    with pytest.raises(SystemCheckError, match=r"records\.E002"):
        call_command("check")
