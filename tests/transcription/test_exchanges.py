"""The hospital's telephone exchange hands over Nurse Sun's call to Wang: signed, once, and in nobody's name but its own."""

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from records.errors import Refused
from records.ledger.models import Leaf
from records.plans import FollowUp
from tests.access.sounds import sound
from tests.cast import Browser, id_of, who
from transcription import exchanges, folder
from transcription.exchanges import Credentials, Exchange
from transcription.models import Recording

pytestmark = pytest.mark.usefixtures("follow_up")

AUDIO = sound()


@pytest.fixture
def given(db: None) -> Credentials:
    return exchanges.add("ward-pbx")


def told(planned: FollowUp, **changed: Any) -> dict[str, Any]:
    call = {"call_id": "20261130-17", "follow_up": str(planned.id), "consent": "spoken", "consent_at": 4.5, **changed}
    return {name: value for name, value in call.items() if value is not None}


def hand_over(
    given: Credentials, call: dict[str, Any], audio: bytes = AUDIO, *, at: float = 0, signed: bytes | None = None
) -> Any:
    """Post a call as the exchange does; `signed`: over which bytes, when not over those that are sent."""
    header = base64.b64encode(json.dumps(call).encode()).decode()
    now = str(int(time.time() + at))
    message = f"{now}\n{header}\n".encode() + (audio if signed is None else signed)
    signature = hmac.new(bytes.fromhex(given.secret), message, hashlib.sha256).hexdigest()
    headers = {"Authorization": f"Bearer {given.token}", "X-Xinqiao-Call": header, "X-Xinqiao-Time": now}
    headers["X-Xinqiao-Signature"] = signature
    return Client().post("/api/exchange/calls", audio, content_type="application/octet-stream", headers=headers)


def nothing_is_kept(media: Path) -> bool:
    return not Recording.objects.exists() and not [path for path in media.rglob("*") if path.is_file()]


def test_a_call_becomes_the_recording_of_its_patient_plan_item_and_caller(given: Credentials, follow_up: FollowUp) -> None:
    answer = hand_over(given, told(follow_up))
    assert answer.status_code == 201, answer.content
    page = answer.json()
    assert (page["patient"]["id"], page["followup"]) == (str(id_of("wang")), str(follow_up.id))
    assert (page["uploaded_by"]["name"], page["state"]) == ("孙莉", "queued")
    assert page["markers"] == [{"kind": "consent", "at": 4.5}]
    said = {leaf.kind: json.loads(bytes(leaf.data)) for leaf in Leaf.objects.filter(kind__startswith="recording.")}
    assert said["recording.consent"]["actor"] is None
    assert said["recording.consent"]["ids"]["at"] == "4.50"
    ids = said["recording.sealed"]["ids"]
    assert (ids["exchange"], ids["call"], ids["caller"]) == (str(Exchange.objects.get().id), "20261130-17", str(id_of("sun")))
    follow_up.refresh_from_db()
    assert follow_up.state == "done"


def test_handed_over_again_it_is_the_same_recording_whoever_is_said_to_have_called(
    given: Credentials, follow_up: FollowUp
) -> None:
    first = hand_over(given, told(follow_up)).json()["id"]
    for call in (told(follow_up), told(follow_up, caller=who("zhao").login)):
        again = hand_over(given, call)
        assert (again.status_code, again.json()["id"]) == (200, first)
    other = hand_over(given, told(follow_up), AUDIO + b"more")
    assert (other.status_code, other.json()["code"]) == (409, "client_id.conflict")
    assert hand_over(given, told(follow_up, call_id="20261130-18")).status_code == 201
    second = exchanges.add("other-pbx")
    assert hand_over(second, told(follow_up)).status_code == 201, "call ids are an exchange's own"
    assert Recording.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"at": 400}, "exchange.stale"),
        ({"at": -400}, "exchange.stale"),
        ({"signed": b"other bytes"}, "exchange.signature"),
        ({"audio": AUDIO + b"x", "signed": AUDIO}, "exchange.signature"),
    ],
)
def test_what_is_not_signed_now_and_whole_is_refused_and_leaves_nothing(
    given: Credentials, follow_up: FollowUp, media: Path, wrong: dict[str, Any], code: str
) -> None:
    answer = hand_over(given, told(follow_up), **wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert nothing_is_kept(media)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"consent": "assumed"}, 422, "recording.no_consent"),
        ({"consent": None}, 422, "bad_input"),
        ({"follow_up": str(uuid4())}, 404, "not_found"),
        ({"follow_up": "wang"}, 422, "bad_input"),
        ({"caller": "nobody"}, 422, "import.caller"),
        ({"caller": "13800000001"}, 422, "import.caller"),
        ({"language": "fr"}, 422, "bad_input"),
        ({"consent_at": -1}, 422, "bad_input"),
        ({"call_id": ""}, 422, "bad_input"),
        ({"call_id": "x" * 5000}, 422, "bad_input"),
        ({"more": 1}, 422, "bad_input"),
    ],
)
def test_what_is_described_wrongly_is_refused_with_a_reason_in_both_languages(
    given: Credentials, follow_up: FollowUp, media: Path, changed: dict[str, Any], status: int, code: str
) -> None:
    answer = hand_over(given, told(follow_up, **changed))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert all(answer.json()["message"][language] for language in ("zh", "en"))
    assert nothing_is_kept(media)


def test_an_exchange_without_its_token_or_revoked_is_not_heard(given: Credentials, follow_up: FollowUp, media: Path) -> None:
    assert hand_over(given._replace(token="guess"), told(follow_up)).json()["code"] == "exchange.unknown"
    assert Client().post("/api/exchange/calls").status_code == 401
    header = {
        "Authorization": f"Bearer {given.token}",
        "X-Xinqiao-Call": "not base64!",
        "X-Xinqiao-Time": str(int(time.time())),
    }
    bad = Client().post("/api/exchange/calls", b"", content_type="audio/wav", headers=header)
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_input")
    call_command("exchange", "revoke", "ward-pbx")
    assert hand_over(given, told(follow_up)).json()["code"] == "exchange.unknown"
    assert nothing_is_kept(media)
    kinds = Leaf.objects.filter(kind__startswith="exchange.").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["exchange.added", "exchange.revoked"]
    with pytest.raises(Refused):
        exchanges.add("ward-pbx")
    row = Exchange.objects.get()
    assert (bytes(row.secret), bytes(row.token)) == (b"", b"")


def test_its_secret_is_kept_sealed_and_its_token_as_a_hash(given: Credentials) -> None:
    row = Exchange.objects.get()
    assert given.secret.encode() not in bytes(row.secret)
    assert bytes.fromhex(given.secret) not in bytes(row.secret)
    assert bytes(row.token) == hashlib.sha256(given.token.encode()).digest()


@pytest.fixture
def dropped(settings: Settings, tmp_path: Path, given: Credentials) -> Callable[..., Path]:
    """Return a function that puts a call into the exchange's folder, a minute ago."""
    settings.XINQIAO_EXCHANGE_FOLDER = tmp_path / "calls"
    place = tmp_path / "calls" / "ward-pbx"
    place.mkdir(parents=True)

    def drop(name: str, call: Any, audio: bytes | None = AUDIO, *, ago: float = 60) -> Path:
        (place / f"{name}.json").write_text(call if isinstance(call, str) else json.dumps(call))
        if audio is not None:
            (place / f"{name}.wav").write_bytes(audio)
        for path in place.glob(f"{name}.*"):
            os.utime(path, (time.time() - ago,) * 2, follow_symlinks=False)
        return place

    return drop


def test_a_folder_is_emptied_into_the_same_recordings(
    dropped: Callable[..., Path], given: Credentials, follow_up: FollowUp
) -> None:
    place = dropped("a", told(follow_up, file="a.wav"))
    dropped("b", told(follow_up, file="b.wav", call_id="another"), ago=1)
    dropped("c", told(follow_up, file="c.wav", call_id="third"), None)
    assert folder.take_all() == 1
    assert sorted(path.name for path in place.iterdir()) == ["b.json", "b.wav", "c.json"], "what is not complete waits"
    dropped("a", told(follow_up, file="a.wav"))
    assert hand_over(given, told(follow_up)).status_code == 200, "the hook knows what came by the folder"
    assert folder.take_all() == 1, "taken once more, it is the same"
    assert Recording.objects.count() == 1


def test_what_a_folder_holds_that_cannot_be_taken_stays_with_the_reason(
    dropped: Callable[..., Path], follow_up: FollowUp, tmp_path: Path
) -> None:
    secret = tmp_path / "keys.json"
    secret.write_text("{}")
    place = dropped("refused", told(follow_up, file="refused.wav", consent="no"))
    dropped("broken", "{")
    dropped("away", told(follow_up, file="../../../etc/passwd"), None)
    dropped("link", told(follow_up, file="link.wav"), None)
    (place / "link.wav").symlink_to(secret)
    os.utime(place / "link.wav", (time.time() - 60,) * 2, follow_symlinks=False)
    assert folder.take_all() == 0
    reasons = {path.name: json.loads(path.read_bytes())["code"] for path in place.glob("*.refused")}
    assert reasons == {
        "refused.json.refused": "recording.no_consent",
        "broken.json.refused": "bad_input",
        "away.json.refused": "bad_input",
    }
    assert {"refused.wav", "broken.wav", "link.wav", "link.json"} <= {path.name for path in place.iterdir()}
    assert not Recording.objects.exists()
    assert folder.take_all() == 0


def test_without_a_folder_nothing_is_looked_for(given: Credentials) -> None:
    assert folder.take_all() == 0


def test_sun_reads_what_the_exchange_brought(
    given: Credentials, follow_up: FollowUp, browser_of: Callable[[str], Browser]
) -> None:
    made = hand_over(given, told(follow_up)).json()["id"]
    (row,) = browser_of("sun").get("/api/followups").json()
    assert [one["id"] for one in row["recordings"]] == [made]
    assert browser_of("sun").get(f"/api/recordings/{made}/audio").status_code == 200
