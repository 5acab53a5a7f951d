"""Officer Zhou narrows her search by facts of a case: who took part, what was sent, what is kept, what was asked before."""

from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from consult import consultations, timeline
from consult.attachments import uploads
from consult.conversation import sides, voice
from consult.models import Consultation
from consult.protocol import ConsultationOpen, Posted, SideInvite, SideOpen
from records.plans import Title, plan
from records.retention import holds
from tests.access.sounds import sound
from tests.cast import browser_of, cast, client_id, consultation, demo_on, id_of, who
from tests.consult.pictures import document, photo
from tests.consult.reviewing import Open, found, granted
from transcription.notes import Outline, Said
from transcription.recordings import Act, CallReceiver

__all__ = ["browser_of", "cast", "demo_on"]
# name of a filter, its value, and one that lets nothing through (None: the filter says only "there is one")
FACTS = [
    ("staff", "孙", "何"),
    ("staff", "D2001", "D1002"),
    ("flag", "any", None),
    ("flag", "chest_pain", "breathless"),
    ("photo", "yes", None),
    ("paper", "yes", None),
    ("voice", "yes", None),
    ("call", "yes", None),
    ("discussion", "yes", None),
    ("keeping", "held", "shredded"),
    ("asked", "complaint", "judicial"),
    ("file", "t-1", "T-10"),
]


@pytest.fixture
def full(cast: None, settings: Settings, tmp_path: Path) -> Consultation:
    """Wang's case with everything that can be in one."""
    settings.XINQIAO_MEDIA = tmp_path / "media"
    intake = ConsultationOpen(
        "r",
        client_id(),
        "胸口疼",
        "days",
        ["consultation", "privacy"],
        red_flags=["chest_pain"],
        department=id_of("cardiology"),
    )
    case, _ = consultations.open_consultation(who("wang"), intake)
    consultations.claim(who("zhao"), case.id)
    _send(case.id, photo((8, 6)), "photo.jpg")
    _send(case.id, document(1), "report.pdf")
    _say(case.id)
    side, _ = sides.open_beside(who("zhao"), SideOpen("r", case.id, client_id()))
    sides.invite(who("zhao"), SideInvite("r", side, client_id(), id_of("liu")))
    with transaction.atomic():
        timeline.append(side, "message.posted", who("liu"), Posted("建议复查"), client_id())
    call = CallReceiver(who("sun"), plan(who("sun"), id_of("wang"), Title("随访", "Call"), timezone.now(), origin=case.id))
    call.write(sound())
    call.finish(Act("call.wav", "zh", "spoken"), client_id())
    holds.place(who("zhou"), patient=None, case=case.id, reason="法院要求保全")
    granted(case)
    return case


def _send(case: UUID, data: bytes, name: str) -> None:
    receiver, message = uploads.admit(who("wang"), {"consultation_id": case}), client_id()
    receiver.write(data)
    row = receiver.finish(client_id(), name)
    receiver.discard()
    with transaction.atomic():
        carried = uploads.bind(who("wang"), case, [row.id], message)
        timeline.append(case, "message.posted", who("wang"), Posted("", attachments=carried), message)


def _say(case: UUID) -> None:
    receiver, message = voice.admit(who("wang"), {"thread_id": case}), client_id()
    receiver.write(sound())
    note = receiver.finish(Said("voice.wav", Outline(0.5, [0])), client_id())
    with transaction.atomic():
        said = Posted("", voice=voice.bind(who("wang"), case, note.id, message))
        timeline.append(case, "message.posted", who("wang"), said, message)
    assert voice.await_message(note.id)


def test_each_fact_finds_the_case_that_has_it_and_not_the_one_beside(browser_of: Open, full: Consultation) -> None:
    plain = consultation("wu", doctor=None)
    zhou = browser_of("zhou")
    row = found(zhou, patient="王")["cases"][0]
    assert (row["messages"], row["files"], row["recordings"], row["flags"]) == (3, 2, 2, 1)
    assert (row["held"], row["kept"]) == (True, "")
    for name, value, without in FACTS:
        answer = found(zhou, **{name: value})
        assert [row["id"] for row in answer["cases"]] == [str(full.id)], name
        assert answer["filters"] == [{"name": name, "value": value}]
        if without is not None:
            assert found(zhou, **{name: without})["total"] == 0, name
    assert [row["id"] for row in found(zhou, keeping="kept", patient="吴")["cases"]] == [str(plain.id)]
    everything = {name: value for name, value, _ in FACTS}
    assert (found(zhou, **everything)["total"], found(zhou, **everything, patient="吴")["total"]) == (1, 0)


@pytest.mark.once
def test_a_photo_that_was_never_sent_and_a_hold_that_was_released_count_for_nothing(
    browser_of: Open, cast: None, settings: Settings, tmp_path: Path
) -> None:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    case = consultation()
    receiver = uploads.admit(who("wang"), {"consultation_id": case.id})
    receiver.write(photo((8, 6)))
    row = receiver.finish(client_id(), "photo.jpg")
    receiver.discard()
    uploads.bind(who("wang"), case.id, [row.id], client_id())  # given to a message that never came
    hold = holds.place(who("zhou"), patient=id_of("wang"), case=None, reason="法院要求保全")
    zhou = browser_of("zhou")
    assert (found(zhou, photo="yes")["total"], found(zhou, keeping="held")["total"]) == (0, 1)
    holds.ask_release(who("zhou"), hold.id, reason="案件已结")
    holds.release(who("he"), hold.id)
    assert found(zhou, keeping="held")["total"] == 0
    assert found(zhou)["cases"][0]["files"] == 0


@pytest.mark.once
def test_what_somebody_else_asked_for_is_found_by_an_approver_alone(browser_of: Open, full: Consultation) -> None:
    other = browser_of("zhou")
    assert found(browser_of("he"), asked="complaint", file="T-1")["total"] == 1
    full.chain.grants.update(requester=who("lin"))
    assert found(other, asked="complaint")["total"] == found(other, file="T-1")["total"] == 0
