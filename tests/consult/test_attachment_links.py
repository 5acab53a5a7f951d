"""Who may open what Wang sent: she and Dr Zhao, through a link of their own, while they may read the case."""

from collections.abc import Callable
from pathlib import Path

import pytest

from consult.attachments import links
from consult.conversation import sides
from consult.models import Attachment, Consultation, EvidencePack, Retraction
from consult.packs import exhibits
from consult.protocol import SideOpen
from records.grants import AccessGrant
from records.ledger import signing, tree
from records.ledger.sequencer import Sequencer
from records.pack import build, verify_pack
from tests.cast import Browser, browser_of, cast, client_id, code_of, consultation, who
from tests.consult import pictures
from tests.consult.pictures import Upload, case, files, linked, media, opened, posted, upload
from tests.consult.reviewing import granted

__all__ = ["browser_of", "case", "cast", "media", "upload"]

pytestmark = pytest.mark.once

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
    paper = upload(case.id, pictures.document()).json()["id"]
    posted(case, "wang", [paper])
    document = opened(zhao, case, paper)
    assert (document["Content-Type"], document["Accept-Ranges"]) == ("application/pdf", "none")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "sandbox" in small["Content-Security-Policy"]
    for each in (answer, small, document):
        assert each["X-Content-Type-Options"] == "nosniff"
        assert each["Cache-Control"] == "private, no-store"
        assert each["Content-Security-Policy"].startswith("default-src 'none'")
        assert "script-src" not in each["Content-Security-Policy"]
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
    monkeypatch.setattr(links, "LINK_SECONDS", -1)
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


# --- Officer Zhou, under a grant --------------------------------------------------------------------------------------


def test_a_reviewer_with_a_grant_opens_what_was_sent_even_taken_back_and_the_patient_sees_that(
    case: Consultation, upload: Upload, browser_of: BrowserOf
) -> None:
    photo = upload(case.id, pictures.photo()).json()["id"]
    unposted = upload(case.id, pictures.photo()).json()["id"]
    seq = posted(case, "wang", [photo])
    Retraction.objects.create(thread_id=case.id, of=seq, seq=seq + 1)
    zhou = browser_of("zhou")
    assert linked(zhou, case, photo).status_code == 404
    over_sound, over_words = granted(case, "recordings"), granted(case, "conversation", "attachments")
    file = "/api/compliance/grants/{}/attachments/{}/file"
    assert zhou.get(file.format(over_sound, photo)).status_code == 404
    assert zhou.get(file.format(over_words, unposted)).status_code == 404
    answer = zhou.get(file.format(over_words, photo) + "?size=thumb")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert zhou.get(file.format(over_words, photo)).status_code == 200
    seen = browser_of("wang").get("/api/charts/me/access").json()
    assert [look["action"]["en"] for look in seen] == ["opened a photo or document"]


def test_what_a_reviewer_opens_beside_the_case_tells_the_patient_of_no_discussion(
    case: Consultation, upload: Upload, browser_of: BrowserOf
) -> None:
    side, _ = sides.open_beside(who("zhao"), SideOpen("r", case.id, client_id()))
    photo = upload(side, pictures.photo(), by="zhao").json()["id"]
    posted(case, "zhao", [photo], thread=side)
    zhou, file = browser_of("zhou"), "/api/compliance/grants/{}/attachments/{}/file"
    assert zhou.get(file.format(granted(case, "conversation", "attachments"), photo)).status_code == 404
    assert zhou.get(file.format(granted(case, "conversation", "attachments", "discussion"), photo)).status_code == 200
    seen = browser_of("wang").get("/api/charts/me/access").json()
    assert [look["action"]["en"] for look in seen] == ["read a consultation"]


def test_a_file_that_was_exchanged_is_not_shown_to_a_reviewer(
    case: Consultation, upload: Upload, browser_of: BrowserOf
) -> None:
    """Somebody with the keys and the database seals another picture in the place of the one that was sent."""
    photo, other = (upload(case.id, sent).json()["id"] for sent in (pictures.photo(), pictures.noise()))
    posted(case, "wang", [photo])
    Attachment.objects.filter(id=photo).update(segments=Attachment.objects.get(id=other).segments)
    grant = granted(case, "conversation", "attachments")
    answer = browser_of("zhou").get(f"/api/compliance/grants/{grant}/attachments/{photo}/file")
    assert (answer.status_code, code_of(answer)) == (500, "attachment.unreadable")


def test_the_pack_of_a_case_holds_its_photos_and_proves_them(
    case: Consultation, upload: Upload, tmp_path: Path, media: Path
) -> None:
    photo, paper = (upload(case.id, sent).json()["id"] for sent in (pictures.noise(500), pictures.document()))
    posted(case, "wang", [photo, paper], "化验单")
    grant = AccessGrant.objects.get(chain_id=granted(case, "conversation", "attachments"))
    asked = EvidencePack.objects.create(grant=grant, requested_by=who("zhou"))
    Sequencer().drain()
    checkpoint = tree.latest()
    assert checkpoint is not None
    with (tmp_path / "pack.zip").open("wb") as out:
        build.write(exhibits.assemble(asked, checkpoint).pack, out)
    _, lines = verify_pack.verify(str(tmp_path / "pack.zip"), str(signing.verifier()))
    for id_ in (photo, paper):
        assert f"[ok] attachment {id_}: it is the file that the message carried" in lines
    assert not [line for line in lines if line.startswith("[NO]")]
