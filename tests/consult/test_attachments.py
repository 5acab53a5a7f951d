"""Wang sends photos and documents to Dr Zhao: taken in sealed, made harmless, and opened by nobody else."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import transaction
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from consult import protocol, timeline
from consult.attachments import files as attachment_files
from consult.attachments import uploads
from consult.conversation import messages
from consult.models import Attachment, Consultation, Event
from consult.oversight import attachments as attachment_review
from consult.protocol import Posted
from records.errors import Refused
from records.ledger.models import Leaf
from tests.cast import Browser, browser_of, cast, client_id, code_of, consultation, who
from tests.consult import pictures
from tests.consult.pictures import Place, Upload, case, files, kept, media, posted, upload

__all__ = ["browser_of", "case", "cast", "media", "upload"]

BrowserOf = Callable[[str], Browser]


# --- What is taken in -------------------------------------------------------------------------------------------------


def test_a_photo_is_kept_upright_and_without_the_place_it_was_taken(case: Consultation, upload: Upload, media: Path) -> None:
    sent = pictures.photo(orientation=6)
    assert b"Telephone-4711" in sent
    assert Place.encode() in sent
    answer = upload(case.id, sent, name="C:\\fakepath\\伤口.jpeg")
    told = answer.json()
    assert (told["kind"], told["media_type"], told["name"]) == ("image", "image/jpeg", "伤口.jpg")
    assert (told["width"], told["height"]) == (480, 640), "as it is held, not as the sensor lies"
    stored = kept(answer)
    assert len(stored) == told["size"]
    for trace in (b"Exif", b"Telephone", Place.encode(), b"GPS", b"http://ns.adobe.com"):
        assert trace not in stored
    seen = Image.open(io.BytesIO(stored)).convert("RGB")
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {}
    red = seen.getpixel((470, 10))
    assert isinstance(red, tuple)
    assert red[0] > 150
    assert red[1] < 80, "turned by a quarter: the red corner is on the right"


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("WEBP", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L")]
)
def test_every_kind_of_picture_becomes_one_kind(case: Consultation, upload: Upload, kind: str, mode: str) -> None:
    stored = kept(upload(case.id, pictures.photo(mode=mode, kind=kind), name=f"x.{kind.lower()}"))
    picture = Image.open(io.BytesIO(stored))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (640, 480))
    assert Place.encode() not in stored


def test_a_large_photo_is_made_smaller(case: Consultation, upload: Upload) -> None:
    told = upload(case.id, pictures.photo((6000, 4000))).json()
    assert (told["width"], told["height"]) == (4096, 2731)


def test_a_document_is_kept_as_it_is_with_its_pages_counted(case: Consultation, upload: Upload) -> None:
    sent = pictures.document(3)
    answer = upload(case.id, sent, name="化验单.txt")
    told = answer.json()
    assert (told["kind"], told["media_type"], told["pages"], told["name"]) == ("pdf", "application/pdf", 3, "化验单.pdf")
    assert "width" not in told
    assert kept(answer) == sent


def test_more_than_20_mb_are_refused_while_they_come(case: Consultation, upload: Upload, media: Path) -> None:
    answer = upload(case.id, pictures.noise() + bytes(20 * 1024 * 1024))
    assert (answer.status_code, code_of(answer)) == (413, "attachment.too_large")
    assert files(media) == []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("a\x07b\u202egnp.exe", "abgnp.jpg"),
        ("..", "file.jpg"),
        ("长" * 300, "长" * 180 + ".jpg"),
    ],
)
def test_a_name_loses_directories_and_gets_the_suffix_of_what_it_is(
    case: Consultation, upload: Upload, sent: str, shown: str
) -> None:
    # Past Django's own cleaning, which the form's parser does first.
    receiver = uploads.Receiver(who("wang"), case.id)
    receiver.write(pictures.photo())
    row = receiver.finish(client_id(), sent)
    receiver.discard()
    assert attachment_files.name_of(row) == shown


def test_nothing_of_the_file_or_its_name_is_on_disk_or_in_the_database_in_clear(
    case: Consultation, upload: Upload, media: Path
) -> None:
    words = "planted words 5f2c"
    row = Attachment.objects.get(id=upload(case.id, pictures.document(words=words), name=f"{words}.pdf").json()["id"])
    stored = [path.read_bytes() for path in files(media)]
    assert len(stored) == 1, "the upload as it came is gone"
    assert not any(words.encode() in blob or b"%PDF" in blob for blob in stored)
    assert words.encode() not in bytes(row.name)


def test_an_upload_repeated_after_a_lost_answer_is_one_attachment(case: Consultation, upload: Upload, media: Path) -> None:
    first = upload(case.id, pictures.noise(), act="the-same-upload-0")
    stored = files(media)
    again = upload(case.id, pictures.noise(), act="the-same-upload-0")
    assert again.json() == first.json()
    assert files(media) == stored
    other = upload(case.id, pictures.photo(), act="the-same-upload-0")
    assert (other.status_code, code_of(other)) == (409, "client_id.conflict")
    assert upload(case.id, pictures.photo(), by="zhao", act="the-same-upload-0").status_code == 201, "ids are a person's own"


def test_somebody_who_uploads_and_never_sends_is_stopped(case: Consultation, upload: Upload, settings: Settings) -> None:
    row = Attachment.objects.get(id=upload(case.id, pictures.photo()).json()["id"])
    for number in range(uploads.MOST_UNPOSTED - 1):
        row.pk, row.client_id, row.message = None, f"one-more-{number}", "given-to-a-message-that-never-came"
        row.id = pictures.uuid_of(number)
        row.save(force_insert=True)
    answer = upload(case.id, pictures.photo())
    assert (answer.status_code, code_of(answer)) == (409, "attachment.too_many")


# --- A message carries it ---------------------------------------------------------------------------------------------


def test_the_message_fixes_the_bytes_it_carries(case: Consultation, upload: Upload) -> None:
    told = upload(case.id, pictures.photo()).json()
    seq = posted(case, "wang", [told["id"]], "这是早上的血压")
    event = Event.objects.get(thread=case.id, seq=seq)
    (carried,) = msgspec.json.decode(timeline.body_of(event), type=Posted).attachments
    row = Attachment.objects.get(id=told["id"])
    assert carried == protocol.Attachment(
        row.id, "image", "photo.jpg", "image/jpeg", row.size, attachment_files.manifest(row), width=640, height=480
    )
    assert carried.sha256 == told["sha256"]


def test_one_message_may_ask_again_and_another_may_not(case: Consultation, upload: Upload) -> None:
    wang, act = who("wang"), client_id()
    photo = UUID(upload(case.id, pictures.photo()).json()["id"])
    with transaction.atomic():
        first = uploads.bind(wang, case.id, [photo, photo], act)
        assert uploads.bind(wang, case.id, [photo], act) == first
        with pytest.raises(Refused, match=r"attachment\.posted"):
            uploads.bind(wang, case.id, [photo], client_id())  # the first message may stand before the writer now
        timeline.append(case.id, "message.posted", wang, Posted("", attachments=first), act)
        assert uploads.bind(wang, case.id, [photo], act) == first
        with pytest.raises(Refused, match=r"attachment\.posted"):
            uploads.bind(wang, case.id, [photo], client_id())


def test_no_file_is_slipped_under_words_that_were_said_before(case: Consultation, upload: Upload) -> None:
    """It would be in the evidence pack as carried by that message, and the verifier would call the pack false."""
    wang, act = who("wang"), client_id()
    photo = UUID(upload(case.id, pictures.photo()).json()["id"])
    timeline.append(case.id, "message.posted", wang, Posted("没有照片"), act)
    with pytest.raises(Refused, match=r"client_id\.conflict"):
        messages.prepare(wang, protocol.MessageSend("r", case.id, act, "", attachments=[photo]))
    assert Attachment.objects.get(id=photo).message is None
    Attachment.objects.filter(id=photo).update(message=act)  # both came at once, and the words were faster
    assert attachment_files.event_of(Attachment.objects.get(id=photo)) is None
    assert list(attachment_review.carried(Event.objects.filter(thread=case.id))) == []


def test_a_file_of_somebody_else_or_of_another_case_cannot_be_sent(case: Consultation, upload: Upload) -> None:
    photo = UUID(upload(case.id, pictures.photo()).json()["id"])
    other = consultation()
    for person, thread in (("zhao", case), ("wang", other)):
        with pytest.raises(Refused) as refused, transaction.atomic():
            uploads.bind(who(person), thread.id, [photo], client_id())
        assert refused.value.kind.code == "attachment.gone"


# --- What is swept away -----------------------------------------------------------------------------------------------


def test_what_was_never_posted_is_deleted_after_a_day_and_nothing_else(
    case: Consultation, upload: Upload, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    sent, given, forgotten = (upload(case.id, pictures.photo()).json()["id"] for _ in range(3))
    posted(case, "wang", [sent])
    with transaction.atomic():
        uploads.bind(who("wang"), case.id, [UUID(given)], client_id())  # and its message never came
    assert attachment_files.sweep() == {"unposted": 0, "abandoned": 0}
    Attachment.objects.update(touched_at=timezone.now() - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        assert attachment_files.sweep()["unposted"] == 2
    assert [str(id_) for id_ in Attachment.objects.values_list("id", flat=True)] == [sent]
    assert {path.parent.name for path in files(media)} == {sent}
    assert forgotten != given


def test_what_a_killed_server_left_behind_is_removed(
    case: Consultation, upload: Upload, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr("records.media.LOOKED_UP", 1)  # asked about piece by piece, however many there are
    upload(case.id, pictures.photo())
    (media / "attachments" / "not-one-of-our-names").mkdir()
    stored = files(media)
    receiver = uploads.Receiver(who("wang"), case.id)
    receiver.write(pictures.noise() + bytes(600_000))
    assert len(files(media)) > len(stored)
    for entry in (media / "attachments").iterdir():
        os.utime(entry, (0, 0))
    assert attachment_files.sweep()["abandoned"] == 1
    assert files(media) == stored


def test_a_scanner_that_does_not_answer_lets_nothing_through(
    case: Consultation, upload: Upload, media: Path, settings: Settings
) -> None:
    for address in ("unix:///nowhere/clamd.ctl", "tcp://127.0.0.1:9", "clamd"):
        settings.XINQIAO_CLAMD = address
        answer = upload(case.id, pictures.photo())
        assert (answer.status_code, code_of(answer), answer.json()["retry"]) == (503, "attachment.scanner_down", True)
    assert files(media) == []
    assert not Leaf.objects.filter(kind__startswith="attachment").exists()


def test_the_leaf_of_a_message_says_nothing_of_its_files(case: Consultation, upload: Upload) -> None:
    seq = posted(case, "wang", [upload(case.id, pictures.photo(), name="HIV.jpg").json()["id"]])
    leaf = json.loads(bytes(Leaf.objects.get(chain_id=case.id, seq=seq).data))
    assert set(leaf["ids"]) == {"client"}
