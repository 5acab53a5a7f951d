"""Officer Zhou notes and bookmarks while she reads: in the ledger, for her alone, while her grant is in force."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import Settings

from consult.models import Consultation
from records import grants
from records.grants import ReadingNote
from records.ledger import signing, timestamps, witnessing
from records.ledger.audit import check_chain
from records.ledger.models import Chain, Leaf
from records.ledger.sequencer import Sequencer
from records.ledger.tree import latest
from tests.cast import Browser, code_of, consultation, who
from tests.consult.reviewing import MARKER, Open, discussed, granted, read
from tests.records.ledger.authority import listening, stamper
from tests.records.ledger.witnesses import NAME, running

SAID = "和投诉信第二段对照：紫色长颈鹿"


def address(grant: UUID) -> str:
    return f"/api/compliance/grants/{grant}/annotations"


def note(browser: Browser, grant: UUID, **change: Any) -> Any:
    return browser.post(address(grant), {"kind": "noted", "part": "conversation", "seq": 3, "text": SAID, **change})


def test_a_note_and_a_bookmark_are_acts_of_the_grant_and_change_nothing_of_the_case(
    browser_of: Open, case: Consultation
) -> None:
    zhou, grant = browser_of("zhou"), granted(case)
    head = bytes(Chain.objects.get(id=case.id).head)
    made, marked = note(zhou, grant).json(), note(zhou, grant, kind="bookmarked", seq=1, text="").json()
    assert note(zhou, grant, kind="bookmarked", seq=1, text="").json() == marked, "it is marked already"
    requests = (zhou.get("/api/compliance/requests"), browser_of("he").get("/api/compliance/requests?role=approve"))
    assert [[one["annotations"] for one in page.json()] for page in requests] == [[2], [0]], "counted for her alone"
    listed = zhou.get(address(grant)).json()
    assert [(one["kind"], one["seq"], one["text"]) for one in listed] == [("bookmarked", 1, ""), ("noted", 3, SAID)]
    assert zhou.send("delete", f"{address(grant)}/{made['id']}").status_code == 204
    assert zhou.send("delete", f"{address(grant)}/{made['id']}").status_code == 404
    assert [one["id"] for one in zhou.get(address(grant)).json()] == [marked["id"]]
    kinds = list(Leaf.objects.filter(chain_id=grant).order_by("seq").values_list("kind", flat=True))
    assert kinds[2:] == ["grant.noted", "grant.bookmarked", "grant.note_removed"]
    assert check_chain(grant).findings == []
    assert bytes(Chain.objects.get(id=case.id).head) == head
    assert MARKER.encode() not in b"".join(bytes(leaf.data) for leaf in Leaf.objects.filter(chain_id=grant))
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM records_readingnote")
        assert not any(MARKER.encode() in bytes(body) for (body,) in cursor.fetchall())


def test_nobody_but_the_reader_sees_them_and_the_reader_only_while_the_grant_is_in_force(
    browser_of: Open, case: Consultation
) -> None:
    zhou, grant = browser_of("zhou"), granted(case)
    made = note(zhou, grant).json()["id"]
    for key in ("wang", "zhao", "sun", "he", "lin"):
        assert browser_of(key).get(address(grant)).status_code == 404, key
    assert browser_of("he").send("delete", f"{address(grant)}/{made}").status_code == 404
    assert SAID not in browser_of("he").get(f"/api/compliance/requests/{grant}").content.decode()
    assert browser_of("wang").get("/api/charts/me/access").json() == [], "a note is no reading"
    another = granted(case)
    assert zhou.get(address(another)).json() == []
    grants.revoke(who("he"), grant, reason="看完了")
    assert [zhou.get(address(grant)).status_code, note(zhou, grant).status_code] == [404, 404]


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"seq": 99}, 404, "not_found"),
        ({"part": "discussion", "seq": 1}, 404, "not_found"),
        ({"text": " "}, 422, "bad_input"),
        ({"kind": "searched"}, 422, "bad_input"),
        ({"text": "x" * 1001}, 422, "bad_input"),
    ],
)
def test_only_what_the_grant_covers_is_noted(
    browser_of: Open, cast: None, change: dict[str, Any], status: int, code: str
) -> None:
    answer = note(browser_of("zhou"), granted(discussed()), **change)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert not ReadingNote.objects.exists()


@pytest.mark.once
def test_there_is_an_end_to_notes_and_a_changed_one_is_found(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.grants.noting.MOST", 1)
    zhou, grant = browser_of("zhou"), granted(case)
    first = note(zhou, grant)
    assert code_of(note(zhou, grant, seq=4)) == "grant.too_many_notes"
    ReadingNote.objects.filter(seq=first.json()["id"]).update(body=b"x")
    assert [found.code for found in check_chain(grant).findings] == ["content.changed"]


@pytest.mark.once
def test_the_viewer_says_which_checkpoint_holds_the_case_and_who_vouched_for_it(
    browser_of: Open, case: Consultation, settings: Settings, tmp_path: Path
) -> None:
    zhou, grant = browser_of("zhou"), granted(case)
    covering = latest()
    assert covering is not None
    with running(tmp_path / "witness", signing.verifier()) as (server, witness):
        settings.XINQIAO_WITNESSES = [f"{server.url} {witness.signer.verifier}"]
        vouched = read(zhou, grant).json()["vouched"]
        assert vouched["checkpoint"]["size"] == covering.size
        assert (vouched["witnesses"], vouched["time_stamp"]) == ([{"name": NAME, "size": None, "at": None}], None)
        Sequencer().drain()  # of the grant: a larger tree
        newest = latest()
        assert newest is not None
        assert newest.size > covering.size
        witnessing.submit(witnessing.configured()[0], newest)
        vouched = read(zhou, grant).json()["vouched"]
        assert (vouched["checkpoint"]["size"], vouched["witnesses"][0]["size"]) == (covering.size, newest.size)
        assert vouched["witnesses"][0]["at"] is not None
    authority = stamper(tmp_path / "tsa")
    with listening(authority) as url:
        settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE = url, str(authority.root)
        assert read(zhou, grant).json()["vouched"]["time_stamp"] == {"name": "", "size": None, "at": None}
        timestamps.stamp_if_due()
        assert read(zhou, grant).json()["vouched"]["time_stamp"]["size"] == newest.size
        fresh = consultation(summary="好转")
        assert read(zhou, granted(fresh)).json()["vouched"]["checkpoint"] is None, "it still waits"
