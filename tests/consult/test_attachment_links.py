"""Who may open what Wang sent: she and Dr Zhao, through a link of their own, while they may read the case."""

from collections.abc import Callable
from pathlib import Path

import pytest

from consult import attachment_links
from consult.models import Consultation, Retraction
from tests.cast import Browser, browser_of, cast, code_of, consultation
from tests.consult import pictures
from tests.consult.pictures import Upload, case, files, linked, media, opened, posted, upload

__all__ = ["browser_of", "case", "cast", "media", "upload"]

BrowserOf = Callable[[str], Browser]


@pytest.mark.parametrize("person", ["li", "chen", "wu", "qian", "liu", "sun", "zhou", "he", "lin"])
def test_nobody_but_patient_and_doctor_may_add_or_open(
    case: Consultation, upload: Upload, browser_of: BrowserOf, media: Path, person: str
) -> None:
    photo = upload(case.id, pictures.photo()).json()["id"]
    posted(case, "wang", [photo])
    stored = files(media)
    added = upload(case.id, pictures.photo(), by=person)
    assert (added.status_code, code_of(added)) == (404, "not_found")
    assert files(media) == stored
    asked = linked(browser_of(person), case, photo)
    assert (asked.status_code, code_of(asked)) == (404, "not_found")


def test_the_doctor_opens_what_was_posted_and_not_what_was_not(
    case: Consultation, upload: Upload, browser_of: BrowserOf
) -> None:
    photo = upload(case.id, pictures.noise()).json()["id"]
    zhao = browser_of("zhao")
    assert linked(zhao, case, photo).status_code == 404
    posted(case, "wang", [photo])
    answer = opened(zhao, case, photo)
    whole = b"".join(answer.streaming_content)
    assert (answer.status_code, answer["Content-Type"], len(whole)) == (200, "image/jpeg", int(answer["Content-Length"]))
    small = opened(zhao, case, photo, "thumb")
    assert (small.status_code, small["Content-Type"]) == (200, "image/jpeg")
    part = opened(zhao, case, photo, Range="bytes=100-199")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, whole[100:200])
    for each in (answer, small):
        assert each["X-Content-Type-Options"] == "nosniff"
        assert each["Cache-Control"] == "private, no-store"
        assert "sandbox" in each["Content-Security-Policy"]
        assert each["Content-Disposition"].startswith("inline")


def test_a_link_opens_nothing_for_another_person_another_session_or_later(
    case: Consultation, upload: Upload, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = upload(case.id, pictures.photo()).json()["id"]
    posted(case, "wang", [photo])
    wang, telephone, zhao, wu = (browser_of(name) for name in ("wang", "wang", "zhao", "wu"))
    url = linked(wang, case, photo).json()["url"]
    assert wang.get(url).status_code == 200
    for other in (telephone, zhao, wu):
        answer = other.get(url)
        assert (answer.status_code, code_of(answer)) == (403, "attachment.link")
    for altered in (
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url.replace("/media/", "/media/x"),
        "/api/media/" + "x" * 2000,
    ):
        assert code_of(wang.get(altered)) == "attachment.link"
    monkeypatch.setattr(attachment_links, "LINK_SECONDS", -1)
    answer = wang.get(url)
    assert (answer.status_code, code_of(answer)) == (403, "attachment.link")
    assert Browser().get(url).status_code == 401


def test_a_link_dies_with_the_right_to_read(case: Consultation, upload: Upload, browser_of: BrowserOf) -> None:
    """Dr Zhao gives the case back while a link of his is still fresh."""
    photo = upload(case.id, pictures.photo()).json()["id"]
    posted(case, "wang", [photo])
    zhao = browser_of("zhao")
    url = linked(zhao, case, photo).json()["url"]
    Consultation.objects.filter(chain_id=case.id).update(assignee=None, state="queued")
    answer = zhao.get(url)
    assert (answer.status_code, code_of(answer)) == (403, "attachment.link")


def test_what_was_taken_back_is_opened_by_nobody_in_the_conversation(
    case: Consultation, upload: Upload, browser_of: BrowserOf
) -> None:
    photo = upload(case.id, pictures.photo()).json()["id"]
    seq = posted(case, "wang", [photo])
    wang, zhao = browser_of("wang"), browser_of("zhao")
    url = linked(zhao, case, photo).json()["url"]
    Retraction.objects.create(thread_id=case.id, of=seq, seq=seq + 1)
    assert code_of(zhao.get(url)) == "attachment.link"
    assert linked(wang, case, photo).status_code == linked(zhao, case, photo).status_code == 404


def test_a_link_is_asked_for_where_the_file_belongs(case: Consultation, upload: Upload, browser_of: BrowserOf) -> None:
    other = consultation()
    photo = upload(case.id, pictures.photo()).json()["id"]
    paper = upload(case.id, pictures.document()).json()["id"]
    wang = browser_of("wang")
    assert linked(wang, case, photo).status_code == 200
    assert linked(wang, other, photo).status_code == 404
    assert linked(wang, case, paper, "thumb").status_code == 404
