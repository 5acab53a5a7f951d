"""The hospital's telephone exchange hands over Nurse Sun's call to Wang: signed, once, and in nobody's name but its own."""

import base64
import hashlib
import hmac
import io
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from records.errors import Refused
from records.ledger.models import Leaf
from records.plans import FollowUp
from records.vault import keyring
from records.vault.models import DataKey
from tests.access.sounds import sound
from tests.cast import Browser, id_of, who
from tests.deployment import ROOT
from transcription import exchanges, folder, uploads
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


class BreaksOff(io.RawIOBase):
    """A body whose sender is gone after the first piece."""

    reads = 0

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        if self.reads > 1:
            raise ConnectionResetError
        return AUDIO[:1000]


def hand_over(
    given: Credentials,
    call: dict[str, Any],
    audio: bytes = AUDIO,
    *,
    at: float = 0,
    signed: bytes | None = None,
    body: io.RawIOBase | None = None,
) -> Any:
    """Post a call as the exchange does; `signed`: over which bytes, when not over those that are sent; `body`: what the server reads."""
    header = base64.b64encode(json.dumps(call).encode()).decode()
    now = str(int(time.time() + at))
    message = f"{now}\n{header}\n".encode() + (audio if signed is None else signed)
    signature = hmac.new(bytes.fromhex(given.secret), message, hashlib.sha256).hexdigest()
    headers = {"Authorization": f"Bearer {given.token}", "X-Xinqiao-Call": header, "X-Xinqiao-Time": now}
    headers["X-Xinqiao-Signature"] = signature
    headers["X-Xinqiao-Head"] = head_of(given, now, header)
    environ: dict[str, Any] = {} if body is None else {"wsgi.input": body}
    return Client().post("/api/exchange/calls", audio, content_type="application/octet-stream", headers=headers, **environ)


def head_of(given: Credentials, now: str, header: str) -> str:
    return hmac.new(bytes.fromhex(given.secret), f"{now}\n{header}".encode(), hashlib.sha256).hexdigest()


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
    now = str(int(time.time()))
    header = {
        "Authorization": f"Bearer {given.token}",
        "X-Xinqiao-Call": "not base64!",
        "X-Xinqiao-Time": now,
        "X-Xinqiao-Head": head_of(given, now, "not base64!"),
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


def test_with_the_token_alone_everything_is_refused_alike_before_anything_is_read_or_sealed(
    given: Credentials, follow_up: FollowUp, media: Path
) -> None:
    keys, body = DataKey.objects.count(), BreaksOff()
    thief = given._replace(secret="00" * 32)
    tried: list[dict[str, Any]] = [{}, {"follow_up": str(uuid4())}, {"caller": "nobody"}, {"consent": "no"}, {"more": 1}]
    answers = [hand_over(thief, told(follow_up, **one), body=body) for one in tried]
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}
    assert answers[0].json()["code"] == "exchange.signature"
    assert (body.reads, DataKey.objects.count()) == (0, keys)
    assert nothing_is_kept(media)


def test_what_breaks_off_leaves_nothing_and_an_exchange_sends_only_so_many_at_once(
    given: Credentials, follow_up: FollowUp, media: Path
) -> None:
    broken = hand_over(given, told(follow_up), body=BreaksOff())
    assert (broken.status_code, broken.json()["code"], broken.json()["retry"]) == (408, "exchange.cut_off", True)
    assert nothing_is_kept(media)
    exchange = Exchange.objects.get().id
    for _ in range(uploads.underway.most):
        uploads.underway.begin(exchange)
    try:
        assert hand_over(given, told(follow_up)).status_code == 429
    finally:
        for _ in range(uploads.underway.most):
            uploads.underway.end(exchange)
    assert hand_over(given, told(follow_up)).status_code == 201
    assert len(uploads.underway) == 0


def test_the_commands_in_the_operators_document_hand_a_call_over(
    given: Credentials, follow_up: FollowUp, tmp_path: Path
) -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    script = text[text.index("    time=$(date") : text.index("\n\nThe description: ")]
    (tmp_path / "call.wav").write_bytes(AUDIO)
    values = {"SECRET": given.secret, "TOKEN": given.token, "id": "17", "code": str(follow_up.id), "staff": who("sun").login}
    words = subprocess.run(
        ["sh", "-ec", "curl() { printf '%s\\n' \"$@\"; }\n" + script],
        env=os.environ | values,
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    kind = headers.pop("Content-Type")
    answer = Client().post("/api/exchange/calls", AUDIO, content_type=kind, headers=headers)
    assert answer.status_code == 201, answer.content


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
    (place / "refused.json.refused").symlink_to(secret)
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
    assert secret.read_text() == "{}", "a link that the exchange made is not written through"
    assert not (place / "refused.json.refused").is_symlink()
    assert not Recording.objects.exists()
    assert folder.take_all() == 0


def test_one_call_that_cannot_be_read_or_whose_sound_never_comes_stops_no_other(
    dropped: Callable[..., Path], follow_up: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "AT_ONCE", 1)
    wrong = {"empty": "", "nul": "a\0b", "half": "\ud800", "inside": "a/b", "up": "..", "number": 3}
    for name, file in wrong.items():
        dropped(name, told(follow_up, file=file), None, ago=90)
    dropped("deep", '{"a":' + "[" * 4000, None, ago=90)
    place = dropped("silent", told(follow_up, file="silent.wav"), None, ago=80)
    (place / "directory.json").mkdir()
    (place / "gone.json").symlink_to(place / "nowhere")
    for path in (place / "directory.json", place / "gone.json"):
        os.utime(path, (time.time() - 85,) * 2, follow_symlinks=False)
    dropped("long", told(follow_up, file="x" * 300), None, ago=80)
    dropped("good", told(follow_up, file="good.wav"))
    dropped("next", told(follow_up, file="next.wav", call_id="next"), ago=30)
    exchanges.add("other-pbx")
    (place.parent / "other-pbx").write_text("no directory")
    assert [folder.take_all() for _ in range(3)] == [1, 1, 0]
    assert {path.name.removesuffix(".json.aside") for path in place.glob("*.aside")} == {*wrong, "deep", "directory"}
    assert (place / "silent.json").exists()


@pytest.mark.parametrize(
    "ring",
    [
        {"XINQIAO_KEYRING": "vault", "XINQIAO_DEPLOYMENT": str(uuid4())},
        {"XINQIAO_KEYRING": "vault", "XINQIAO_VAULT_ADDRESS": "http://127.0.0.1:1", "XINQIAO_DEPLOYMENT": str(uuid4())},
    ],
    ids=["unset", "no answer"],
)
def test_while_the_keys_are_away_a_good_call_waits(
    dropped: Callable[..., Path], follow_up: FollowUp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ring: dict[str, Any]
) -> None:
    place = dropped("good", told(follow_up, file="good.wav"))
    (tmp_path / "token").touch(0o600)
    with monkeypatch.context() as away:
        away.setattr(keyring, "_opened", [])
        for name, value in {"XINQIAO_VAULT_TOKEN_FILE": str(tmp_path / "token"), **ring}.items():
            away.setattr(django_settings, name, value)
        assert folder.take_all() == 0
    assert sorted(path.name for path in place.iterdir()) == ["good.json", "good.wav"]
    assert folder.take_all() == 1


def test_without_a_folder_nothing_is_looked_for(given: Credentials) -> None:
    assert folder.take_all() == 0


def test_sun_reads_what_the_exchange_brought(
    given: Credentials, follow_up: FollowUp, browser_of: Callable[[str], Browser]
) -> None:
    made = hand_over(given, told(follow_up)).json()["id"]
    (row,) = browser_of("sun").get("/api/followups").json()
    assert [one["id"] for one in row["recordings"]] == [made]
    assert browser_of("sun").get(f"/api/recordings/{made}/audio").status_code == 200
