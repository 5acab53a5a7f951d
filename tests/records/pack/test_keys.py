"""A pack holds the keys of what is in it, and of nothing else; packs of earlier formats, which held data keys, are still read."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from consult.models import Event
from records import vault
from records.pack import verify_pack
from records.vault import Context, Retention, sealing
from records.vault.suites import COBBLESTONE_256, SUITES
from tests.records.pack.conftest import Case, member
from tests.records.pack.test_hostile import rebuilt
from tests.records.pack.test_several import case_json

pytestmark = pytest.mark.django_db


def keys_of(whole: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in member(whole, "data/keys.jsonl").splitlines()]


def test_no_key_of_a_pack_opens_another_blob_of_the_same_chart_or_consultation(case: Case) -> None:
    whole = case.written()
    chart = case.pack.chains[1].id
    rows = keys_of(whole)
    assert len(rows) == len(list(case.pack.contents)) + len(case.segments) + 2, "one each, and two of the photo"
    for scope, retention in ((chart, Retention.RECORD), (case.id, Retention.DIALOGUE)):
        key, place = vault.data_key(scope, retention), Context("later", scope, 99, None, "", "text/plain")
        later, bound = vault.seal(key, place, b"not granted"), {**place._asdict(), "scope": str(scope)}
        for row in rows:
            secret = base64.b64decode(row["secret"])
            assert secret != key.secret
            with pytest.raises(verify_pack.Bad, match=r"content\.broken"):
                verify_pack.open_blob(later, secret, verify_pack.bound(bound, str(vault.deployment()), row["epoch"], later[:1]))
        assert vault.unseal(key, place, later) == b"not granted", "it was there to be opened"


def test_a_key_of_something_that_is_not_in_the_pack_is_named(case: Case) -> None:
    whole = case.written()
    stray = {"file": f"data/contents/{case.id.hex}/00000099", "epoch": 1, "secret": base64.b64encode(bytes(32)).decode()}
    with_it = member(whole, "data/keys.jsonl") + json.dumps(stray).encode() + b"\n"
    code, said = case.verify(rebuilt(case, {"data/keys.jsonl": with_it}))
    assert code == verify_pack.MISMATCH
    assert f"[NO] key {stray['file']}: it belongs to no ciphertext in the pack" in said


@pytest.fixture
def old_case(make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch) -> Case:
    """Wang's case as it was sealed before each blob had a key of its own."""
    monkeypatch.setattr(sealing, "CURRENT", COBBLESTONE_256)
    monkeypatch.setattr(sealing, "_suite", SUITES[COBBLESTONE_256])
    return make_case()


def test_what_was_sealed_under_data_keys_themselves_goes_into_a_pack_closed(old_case: Case) -> None:
    whole = old_case.written()
    code, said = old_case.verify(whole)
    assert (code, keys_of(whole)) == (verify_pack.COMPLETE, []), said
    assert "the ciphertext is the one that was recorded" in said
    assert "opens to its words" not in said


@pytest.mark.parametrize("version", [1, 2])
def test_a_pack_of_an_earlier_format_is_still_opened_and_proven(old_case: Case, version: int) -> None:
    """Format 1 was of one case; both held data keys, which every row of a ciphertext names."""
    whole = old_case.written()
    held = [vault.open_key(Event.objects.filter(thread=old_case.id)[0].key_id)]
    held.append(vault.data_key(old_case.pack.chains[1].id, Retention.RECORD))
    keys = [{"id": str(k.id), "epoch": k.epoch, "secret": base64.b64encode(k.secret).decode()} for k in held]
    files = {"data/keys.jsonl": lines(keys), "data/case.json": json.dumps({**case_json(old_case), "format": version}).encode()}
    for name in ("contents", "recordings", "attachments"):
        rows = [json.loads(line) for line in member(whole, f"data/{name}.jsonl").splitlines()]
        named = [{**row, "key": keys[row["chain"] != str(old_case.id)]["id"]} for row in rows]
        files[f"data/{name}.jsonl"] = lines(named)
    if version == 1:
        said_of = case_json(old_case)
        (one,) = said_of.pop("cases")
        files["data/case.json"] = json.dumps({**said_of, "format": 1, "case": one["id"], "number": one["number"]}).encode()
    code, said = old_case.verify(rebuilt(old_case, files))
    assert code == verify_pack.COMPLETE, said
    assert said.count("opens to its words") == len(list(old_case.pack.contents))
    files["data/keys.jsonl"] = lines([{**key, "secret": base64.b64encode(bytes(32)).decode()} for key in keys])
    code, said = old_case.verify(rebuilt(old_case, files))
    assert (code, "does not open with its key and context" in said) == (verify_pack.MISMATCH, True)


def lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
