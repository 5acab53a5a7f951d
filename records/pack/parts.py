"""What an evidence pack is made of. Whoever exports a case fills these in; `build.write` does the rest.

Pack
  cases       one consultation, or several: those of a patient, or of a period
  chains      every chain that belongs to them: of each the consultation first, then charts and grants (`collect.chain_part`)
  contents    sealed contents of leaves, as many as the grant allows, each with its key; leaves without one are reported as withheld
  recordings  sealed recordings in their segments, read one at a time
  attachments sealed photos and documents, likewise; the message that carries one states its manifest
  lines       the conversations for human eyes (report.html, report.pdf); nothing is proven by them
  spoken      the transcripts, likewise
  access      who read the cases; each line may name the leaf that proves it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from records.vault import BlobKey, Context

MAX_ENTRIES: Final = 65_000  # files of one pack
MAX_BYTES: Final = 4_000_000_000  # of one pack; a longer case is exported in parts


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf with its place. `index` and `proof` are None while it waits for its place in the tree."""

    seq: int
    data: bytes
    index: int | None
    proof: Sequence[bytes] | None


@dataclass(frozen=True, slots=True)
class ChainPart:
    """A whole chain, or its beginning. `role`: case, side, chart, grant or system. `case`: which it belongs to, None for several."""

    id: UUID
    role: str
    entries: Sequence[Entry]
    case: UUID | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The ciphertext of leaf (chain, seq), with what it was sealed for. `key`: None when only the ciphertext is handed out."""

    chain: UUID
    seq: int
    blob: bytes = field(repr=False)
    context: Context
    key: BlobKey | None = None


@dataclass(frozen=True, slots=True)
class SegmentPart:
    """One sealed segment. `size`: bytes of plaintext, as in the manifest."""

    blob: bytes = field(repr=False)
    size: int
    context: Context
    key: BlobKey | None = None


@dataclass(frozen=True, slots=True)
class RecordingPart:
    """A recording whose manifest is the content of leaf (chain, seq). `segments` is read once, in order."""

    chain: UUID
    seq: int
    id: UUID
    media_type: str
    segments: Iterable[SegmentPart]


@dataclass(frozen=True, slots=True)
class AttachmentPart:
    """A photo or document whose manifest is stated in the content of leaf (chain, seq). `segments` is read once, in order."""

    chain: UUID
    seq: int
    id: UUID
    media_type: str
    segments: Iterable[SegmentPart]


@dataclass(frozen=True, slots=True)
class PersonLine:
    id: UUID
    name: str
    role: Mapping[str, str]  # {"zh", "en"}


@dataclass(frozen=True, slots=True)
class CasePart:
    """`grant`: the chain of the grant under which it is handed out."""

    id: UUID
    number: str
    grant: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the human-readable page. `kind`: what happened, in both languages; `text`: what was said, may be empty;
    (`chain`, `seq`): the entry that it shows."""

    case: UUID
    chain: UUID
    at: int  # ms since epoch
    seq: int
    who: str
    kind: Mapping[str, str]
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    start: float  # seconds from the beginning of the recording
    speaker: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One version of a transcript, for human eyes. `author`: who corrected it, empty for the machine."""

    case: UUID
    chain: UUID
    seq: int
    recorded_at: int  # ms since epoch
    version: int
    author: str
    sentences: Sequence[Sentence]


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Somebody opened the case. (`chain`, `seq`): the leaf that proves it, in one of the pack's chains."""

    at: int
    who: str
    action: Mapping[str, str]
    chain: UUID | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """An older tree that somebody outside vouched for: its checkpoint with every co-signature, the proof that the pack's tree begins
    with it, and an RFC 3161 response over the checkpoint as the log signed it."""

    size: int
    checkpoint: str
    proof: Sequence[bytes]
    stamp: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Grounds:
    """By what right the pack was made, in words that may be shown."""

    requester: str
    approver: str
    purpose: Mapping[str, str]
    case_number: str
    expires_at: int | None  # ms since epoch


@dataclass(frozen=True, slots=True)
class Pack:
    """`checkpoint` is the signed note under which every proof was made. `printed`: with a form to be printed (report.pdf)."""

    id: UUID
    cases: Sequence[CasePart]
    hospital: Mapping[str, str]
    made_at: int  # ms since epoch
    made_by: str
    checkpoint: str
    chains: Sequence[ChainPart]
    contents: Iterable[Content]
    recordings: Iterable[RecordingPart] = ()
    attachments: Iterable[AttachmentPart] = ()
    people: Sequence[PersonLine] = ()
    lines: Sequence[Line] = ()
    spoken: Sequence[Spoken] = ()
    access: Sequence[AccessLine] = ()
    anchors: Sequence[Anchor] = ()
    tombstones: Sequence[Entry] = ()  # that account for content which the entries name and the pack lacks
    quality: Sequence[Entry] = ()  # what quality review found in its cases, from the chains of samples
    witnesses: Sequence[str] = ()  # their verifier keys, as this deployment knows them
    grounds: Grounds | None = None
    printed: bool = False

    @property
    def number(self) -> str:
        """The number of its case, or of the first of several and how many more."""
        more = len(self.cases) - 1
        return f"{self.cases[0].number}+{more}" if more else self.cases[0].number


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: bytes and SHA-256 (hex) of the whole file."""

    size: int
    sha256: str
