"""A note that could not be transcribed is tried again by whoever said it or treats the case: once a request, and not without end."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from consult import consultations, protocol
from consult.conversation import sides
from consult.models import Consultation
from records.errors import ErrorKind
from records.people import Person
from tests.cast import Browser, client_id, code_of, consultation, who
from tests.consult.voice.saying import Open, events, retract, sent, transcribe
from transcription import failures, jobs, retries
from transcription.models import Job, Recording


def failed(note: str, kind: ErrorKind = failures.NO_MODEL) -> None:
    """The note's transcription ends with a reason, as a worker says it."""
    holder = uuid4()
    assert jobs.claim(UUID(note), holder)
    jobs.fail(UUID(note), holder, kind)


def later(note: str, wait: timedelta) -> None:
    """Time passes since it was last sent to the workers."""
    Job.objects.filter(recording=UUID(note)).update(sent_at=timezone.now() - wait)


def again(browser: Browser, note: str, tries: int = 1) -> Any:
    return browser.post(f"/api/voice-notes/{note}/retry", {"tries": tries})


def seen(browser: Browser, note: str) -> Any:
    return browser.get(f"/api/voice-notes/{note}").json()


def test_a_model_is_installed_and_wang_has_her_note_transcribed_after_all(
    browser_of: Open, case: Consultation, said: bytes
) -> None:
    wang, zhao = browser_of("wang"), browser_of("zhao")
    note, seq = sent(wang, "wang", case.id, said)
    assert (seen(wang, note)["tries"], seen(wang, note)["again"]) == (1, False), "it waits for its turn"
    failed(note)
    assert [seen(own, note)["again"] for own in (wang, zhao)] == [True, True]
    answer = again(wang, note)
    assert (answer.status_code, answer.json()["state"], answer.json()["failure"]) == (200, "queued", None)
    assert (answer.json()["tries"], answer.json()["again"]) == (2, False)
    transcribe(note)
    (told,) = events(case.id, "voice.transcribed")
    assert (told["of"], told["machine"]) == (seq, True)
    assert seen(zhao, note)["transcript"]["text"] == told["text"]


def test_dr_zhao_may_ask_for_wangs_words_and_wang_not_for_his(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang, zhao = browser_of("wang"), browser_of("zhao")
    (hers, _), (his, _) = sent(wang, "wang", case.id, said), sent(zhao, "zhao", case.id, said)
    for note in (hers, his):
        failed(note)
    assert seen(wang, his)["again"] is False
    assert (again(wang, his).status_code, again(zhao, his).json()["state"]) == (404, "queued")
    assert again(zhao, hers).json()["state"] == "queued"


def test_who_gave_the_case_back_and_who_never_had_it_find_nothing(browser_of: Open, said: bytes, cast: None) -> None:
    case = consultation()
    note, _ = sent(browser_of("zhao"), "zhao", case.id, said)
    failed(note)
    consultations.give_back(who("zhao"), protocol.ConsultationReturn("1", case.id, client_id(), "换班"))
    for key in ("zhao", "qian", "sun", "li", "zhou", "lin"):
        answer = again(browser_of(key), note)
        assert (key, answer.status_code, code_of(answer)) == (key, 404, "not_found")
    assert Job.objects.get(recording=UUID(note)).tries == 1


def test_colleagues_beside_the_case_ask_for_each_others_words(browser_of: Open, case: Consultation, said: bytes) -> None:
    side, _ = sides.open_beside(who("zhao"), protocol.SideOpen("1", case.id, client_id()))
    sides.invite(who("zhao"), protocol.SideInvite("1", side, client_id(), who("liu").id))
    note, _ = sent(browser_of("zhao"), "zhao", side, said)
    failed(note)
    assert again(browser_of("wang"), note).status_code == 404
    assert again(browser_of("liu"), note).json()["state"] == "queued"


def test_two_taps_and_a_lost_answer_are_one_try(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang, zhao = browser_of("wang"), browser_of("zhao")
    note, _ = sent(wang, "wang", case.id, said)
    assert again(wang, note).json()["tries"] == 1, "nothing failed yet"
    failed(note)
    assert [again(own, note).json()["tries"] for own in (wang, wang, zhao)] == [2, 2, 2]
    failed(note)
    late = again(wang, note, tries=1).json()
    assert (late["state"], late["tries"]) == ("failed", 2), "what was asked for the first failure is no answer to the second"
    later(note, retries.WAITS[1])
    assert again(wang, note, tries=2).json()["state"] == "queued"
    transcribe(note)
    done = again(wang, note, tries=3).json()
    assert (done["state"], done["again"]) == ("done", False)
    assert len(events(case.id, "voice.transcribed")) == 1


def test_each_try_may_come_later_than_the_one_before(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    note, _ = sent(wang, "wang", case.id, said)
    for tries, wait in enumerate([*retries.WAITS, retries.WAITS[-1]], start=1):
        failed(note)
        if wait:
            refused = again(wang, note, tries)
            assert (refused.status_code, code_of(refused), refused.json()["retry"]) == (429, "voice.tried_lately", True)
            assert 0 < refused.json()["retry_after"] <= wait.total_seconds()
            later(note, wait)
        assert again(wang, note, tries).json()["tries"] == tries + 1


@pytest.mark.parametrize("kind", [failures.SILENT, failures.UNREADABLE, failures.NOTE_TOO_LONG])
def test_what_would_end_alike_is_not_tried_again(browser_of: Open, case: Consultation, said: bytes, kind: ErrorKind) -> None:
    wang = browser_of("wang")
    note, _ = sent(wang, "wang", case.id, said)
    failed(note, kind)
    assert seen(wang, note)["again"] is False
    answer = again(wang, note)
    assert (answer.status_code, code_of(answer), answer.json()["retry"]) == (409, "voice.no_use", False)


def test_the_machine_writes_nothing_over_what_wang_wrote_herself(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang, zhao = browser_of("wang"), browser_of("zhao")
    note, _ = sent(wang, "wang", case.id, said)
    failed(note)
    right = {"client_id": client_id(), "text": "早上有点高。"}
    assert wang.post(f"/api/voice-notes/{note}/correction", right).status_code == 200
    assert seen(zhao, note)["again"] is False
    assert code_of(again(zhao, note)) == "voice.no_use"
    assert seen(zhao, note)["transcript"]["text"] == right["text"]


def test_while_it_is_tried_again_it_cannot_be_corrected(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    note, _ = sent(wang, "wang", case.id, said)
    failed(note)
    again(wang, note)
    answer = wang.post(f"/api/voice-notes/{note}/correction", {"client_id": client_id(), "text": "x"})
    assert code_of(answer) == "voice.not_transcribed_yet"


def test_a_note_that_was_taken_back_is_not_there(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    note, seq = sent(wang, "wang", case.id, said)
    failed(note)
    retract("wang", case.id, seq)
    assert again(wang, note).status_code == 404


def test_in_a_closed_case_the_words_are_shown_with_the_note(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    note, _ = sent(wang, "wang", case.id, said)
    failed(note)
    consultations.close(who("zhao"), protocol.ConsultationClose("1", case.id, client_id(), "好转"))
    assert again(wang, note).json()["state"] == "queued"
    transcribe(note)
    assert seen(wang, note)["transcript"]["machine"] is True
    assert events(case.id, "voice.transcribed") == []


def test_a_lapsed_account_asks_for_nothing(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    note, _ = sent(wang, "wang", case.id, said)
    failed(note)
    Person.objects.filter(id=case.patient_id).update(is_active=False)
    assert again(wang, note).status_code == 401
    assert Recording.objects.get(id=note).state == "failed"
