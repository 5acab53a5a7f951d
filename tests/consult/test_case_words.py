"""Officer Zhou looks for words in the case that is open to her: within her grant, in the ledger, and nowhere else."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from consult import timeline
from consult.conversation import messages
from consult.models import Consultation, Event
from consult.protocol import MessageRetract
from records import grants
from records.grants import AccessGrant, ReadingNote
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.plans import Title, plan
from tests.access.sounds import sound
from tests.cast import Browser, client_id, code_of, consultation, flipped, id_of, lift_guard, who
from tests.consult.reviewing import MARKER, REASON, Open, discussed, granted
from transcription import transcripts
from transcription.recordings import Act, CallReceiver

YESTERDAY = timezone.localdate() - timedelta(days=1)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kind of everything that the vault opens from now on, in order."""
    kinds: list[str] = []

    def counted(of: Callable[..., bytes]) -> Callable[..., bytes]:
        def unseal(key: Any, context: Any, blob: bytes) -> bytes:
            kinds.append(context.kind)
            return of(key, context, blob)

        return unseal

    for place in ("consult.timeline", "transcription.transcripts", "records.grants.signed"):
        monkeypatch.setattr(f"{place}.unseal", counted(__import__(place, fromlist=["unseal"]).unseal))
    return kinds


def find(browser: Browser, grant: UUID, query: str, **more: str | None) -> dict[str, Any]:
    answer = browser.post(f"/api/compliance/grants/{grant}/search", {"query": query, **more})
    assert answer.status_code == 200, answer.content
    page: dict[str, Any] = answer.json()
    return page


def over(case: Consultation, *content: str, until: date | None = None) -> UUID:
    terms: dict[str, Any] = {"content": content, "purpose": "complaint", "hours": 8, "until": until}
    asked = grants.request(who("zhou"), case.id, reason=REASON, **terms)
    return grants.decide(who("he"), asked.id, approve=True, reason="理由充分").id


def called(case: Consultation, text: str) -> None:
    """Nurse Sun's call after the case, and what was said in it."""
    call = CallReceiver(who("sun"), plan(who("sun"), id_of("wang"), Title("随访", "Call"), timezone.now(), origin=case.id))
    call.write(sound())
    transcripts.rewrite(who("sun"), call.finish(Act("call.wav", "zh", "spoken"), client_id()), client_id(), text)


def test_words_are_found_in_the_order_of_the_case_also_what_was_taken_back(browser_of: Open, cast: None) -> None:
    case = consultation(said=(("wang", "早上血糖 6.1"), ("zhao", "Aspirin 100mg"), ("wang", "血糖 7.0，写错了")))
    messages.retract(who("wang"), MessageRetract("r", case.id, client_id(), 5))
    zhou, grant = browser_of("zhou"), granted(case)
    page = find(zhou, grant, "血糖")
    assert [(hit["part"], hit["seq"], hit["sender"]["name"]) for hit in page["hits"]] == [
        ("conversation", 3, "王秀兰"),
        ("conversation", 5, "王秀兰"),
    ]
    assert (page["hits"][0]["excerpt"], page["hits"][0]["marks"]) == ("早上血糖 6.1", [[2, 4]])
    assert (page["searched"], page["total"], page["unreadable"], page["next"]) == (4, 4, 0, None)
    assert [hit["seq"] for hit in find(zhou, grant, "ａｓｐｉｒｉｎ")["hits"]] == [4]
    assert code_of(zhou.post(f"/api/compliance/grants/{grant}/search", {"query": "a"})) == "search.too_short"


def test_nothing_outside_the_grant_is_found_or_opened(
    browser_of: Open, cast: None, opened: list[str], settings: Settings, tmp_path: Path
) -> None:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    case, other = discussed(), consultation(said=(("wang", MARKER),))
    called(case, f"电话里说 {MARKER}")
    zhou, read = browser_of("zhou"), granted(case)
    opened.clear()
    page = find(zhou, read, MARKER)
    assert (page["hits"], page["total"]) == ([], 4), "it stands in the discussion, in the call and in another case"
    assert len(opened) == 4
    assert [hit["part"] for hit in find(zhou, over(case, "conversation", "discussion"), MARKER)["hits"]] == ["discussion"]
    spoken = find(zhou, over(case, "transcripts"), MARKER)
    assert [(hit["part"], hit["seq"], hit["start"]) for hit in spoken["hits"]] == [("transcripts", None, 0.0)]
    assert spoken["total"] == 1
    before, sounds = over(case, "conversation", "discussion", "transcripts", until=YESTERDAY), over(case, "recordings")
    opened.clear()
    assert find(zhou, before, MARKER)["total"] == 0
    assert zhou.post(f"/api/compliance/grants/{sounds}/search", {"query": MARKER}).status_code == 404
    assert opened == []
    assert find(zhou, granted(other), MARKER)["total"] == 2


@pytest.mark.once
def test_without_a_grant_in_force_nothing_is_opened(browser_of: Open, case: Consultation, opened: list[str]) -> None:
    expired, revoked = granted(case), granted(case)
    AccessGrant.objects.filter(chain_id=expired).update(expires_at=timezone.now() - timedelta(seconds=1))
    grants.revoke(who("he"), revoked, reason="看完了")
    opened.clear()
    for grant in (expired, revoked, case.id):
        answer = browser_of("zhou").post(f"/api/compliance/grants/{grant}/search", {"query": MARKER})
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    AccessGrant.objects.filter(chain_id=expired).update(expires_at=timezone.now() + timedelta(days=1))
    answer = browser_of("zhou").post(f"/api/compliance/grants/{expired}/search", {"query": MARKER})
    assert code_of(answer) == "grant.altered"
    assert opened == []
    assert not ReadingNote.objects.exists()


def test_a_search_is_two_acts_that_say_how_much_and_not_what(browser_of: Open, case: Consultation) -> None:
    zhou, grant = browser_of("zhou"), granted(case)
    find(zhou, grant, MARKER)
    leaves = Leaf.objects.filter(chain_id=grant).order_by("-seq")[:2]
    after, before = (msgspec.json.decode(bytes(leaf.data)) for leaf in leaves)
    assert (before["kind"], after["kind"]) == ("grant.read", "grant.searched")
    assert before["ids"] == {"case": str(case.id), "part": "conversation", "what": "conversation.searched"}
    assert after["ids"] == {"found": "3", "of": str(before["seq"]), "opened": "4"}
    row = ReadingNote.objects.get()
    assert (row.seq, grants.reading_words(row)) == (before["seq"], MARKER)
    assert check_chain(grant).findings == []
    assert [one["action"] for one in browser_of("he").get("/api/compliance/readings").json()] == ["conversation.searched"]
    looks = browser_of("wang").get("/api/charts/me/access").json()
    assert [look["action"]["en"] for look in looks] == ["looked for words in a consultation"]
    ReadingNote.objects.update(body=flipped(bytes(row.body)))
    assert [found.code for found in check_chain(grant).findings] == ["content.changed"]
    assert not [cell for cell in everything() if MARKER.encode() in cell]


def everything() -> Iterator[bytes]:
    """Every cell of the database."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield from (bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row)


@pytest.mark.once
def test_the_search_stands_in_the_ledger_before_a_word_is_opened(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, seen = granted(case), list[int]()

    def stops(event: Event) -> bytes:
        seen.append(Leaf.objects.filter(chain_id=grant, kind="grant.read").count())
        raise MemoryError

    monkeypatch.setattr(timeline, "body_of", stops)
    assert browser_of("zhou").post(f"/api/compliance/grants/{grant}/search", {"query": MARKER}).status_code == 500
    assert seen == [1]


@pytest.mark.once
def test_a_long_case_is_looked_through_piece_by_piece_and_says_how_far(
    browser_of: Open, cast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consult.conversation.search.EVENTS", 3)
    case = consultation(said=tuple(("wang", f"{MARKER} {number}") for number in range(7)))
    zhou, grant = browser_of("zhou"), granted(case)
    pages = [find(zhou, grant, MARKER)]
    while pages[-1]["next"]:
        pages.append(find(zhou, grant, MARKER, after=pages[-1]["next"]))
    assert [(page["searched"], page["total"]) for page in pages] == [(3, 8), (6, 8), (8, 8)]
    assert [hit["seq"] for page in pages for hit in page["hits"]] == list(range(3, 10))
    monkeypatch.setattr("consult.conversation.search.HITS", 1)
    assert [hit["seq"] for hit in find(zhou, grant, MARKER)["hits"]] == [3]


@pytest.mark.once
def test_what_cannot_be_opened_is_counted_and_not_passed_over(browser_of: Open, case: Consultation) -> None:
    lift_guard("consult_event")
    Event.objects.filter(thread=case.id, seq=3).delete()
    changed = Event.objects.get(thread=case.id, seq=4)
    Event.objects.filter(id=changed.id).update(body=flipped(bytes(changed.body)))
    page = find(browser_of("zhou"), granted(case), MARKER)
    assert [hit["seq"] for hit in page["hits"]] == [5]
    assert (page["searched"], page["total"], page["unreadable"]) == (4, 4, 2)
