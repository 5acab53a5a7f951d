"""What a telephone exchange leaves in its folder is taken once, and what cannot be taken stays there with the reason."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from records.plans import FollowUp
from records.vault import keyring
from tests.transcription.exchange import AUDIO, hand_over, told
from transcription import exchanges, folder
from transcription.exchanges import Credentials
from transcription.models import Recording

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("follow_up")]


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
    dropped("b", told(follow_up, file="b.wav", call_id="another"), ago=-3600)
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
