"""The hospital's telephone exchange hands over Nurse Sun's call to Wang: signed, once, and in nobody's name but its own."""

import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from records import outcomes
from records.errors import Refused
from records.ledger.models import Leaf
from records.plans import FollowUp
from records.vault.models import DataKey
from tests.cast import Browser, client_id, id_of, who
from tests.deployment import ROOT
from tests.transcription.exchange import AUDIO, BreaksOff, hand_over, head_of, told
from transcription import exchanges, uploads
from transcription.exchanges import Credentials, Exchange
from transcription.models import Recording

pytestmark = [pytest.mark.usefixtures("follow_up"), pytest.mark.once]


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
    exchange = Exchange.objects.get()
    named = hashlib.sha256(f"{exchange.id}:20261130-17".encode()).hexdigest()
    assert (ids["exchange"], ids["call"], ids["caller"]) == (str(exchange.id), named, str(id_of("sun")))
    assert not any(b"20261130-17" in bytes(leaf.data) for leaf in Leaf.objects.all()), "it may hold a telephone number"
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


def test_a_file_that_comes_after_the_report_of_its_call_does_not_take_back_that_a_doctor_is_needed(
    given: Credentials, follow_up: FollowUp
) -> None:
    said = outcomes.Report(outcomes.Outcome.NEEDS_DOCTOR, outcomes.Consent.GRANTED, "胸口痛", None)
    outcomes.report(who("sun"), follow_up.id, client_id(), said)
    assert hand_over(given, told(follow_up)).status_code == 201
    follow_up.refresh_from_db()
    assert follow_up.state == "needs_doctor"


def test_sun_reads_what_the_exchange_brought(
    given: Credentials, follow_up: FollowUp, browser_of: Callable[[str], Browser]
) -> None:
    made = hand_over(given, told(follow_up)).json()["id"]
    (row,) = browser_of("sun").get("/api/followups").json()
    assert [one["id"] for one in row["recordings"]] == [made]
    assert browser_of("sun").get(f"/api/recordings/{made}/audio").status_code == 200
