"""The ledger's audit finds Wang's calls and what was written of them, and notices when a file changes under it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from records.ledger import audit, full_audit
from records.ledger.sequencer import Sequencer
from tests.cast import flipped
from tests.transcription.conftest import transcribed
from transcription.models import Recording, Segment, Transcript

pytestmark = pytest.mark.usefixtures("deterministic")


@pytest.fixture
def recording(recording_of: Callable[..., Recording], call: bytes) -> Recording:
    made = transcribed(recording_of(call))
    Sequencer().drain()
    return made


def test_a_recording_and_its_transcript_are_compared_with_their_entries(recording: Recording) -> None:
    totals = full_audit.check_all()
    assert (totals.findings, totals.unchecked) == ([], 0)
    assert audit.check_chain(recording.key.scope).state == "verified"


@pytest.mark.parametrize(
    "harm", [lambda file: file.write_bytes(flipped(file.read_bytes())), Path.unlink], ids=["altered", "gone"]
)
def test_a_segment_file_that_changed_or_vanished_is_named(
    recording: Recording, media: Path, harm: Callable[[Path], object]
) -> None:
    harm(media / Segment.objects.filter(recording=recording).latest("index").path)
    found = full_audit.check_all().findings
    assert [(each.code, each.chain, each.seq) for each in found] == [
        ("content.changed", recording.key.scope.hex, recording.seq)
    ]


def test_a_transcript_that_was_altered_is_named(recording: Recording) -> None:
    row = Transcript.objects.get(recording=recording)
    Transcript.objects.filter(id=row.id).update(body=flipped(bytes(row.body)))
    found = full_audit.check_all().findings
    assert [(each.code, each.seq) for each in found] == [("content.changed", row.seq)]
