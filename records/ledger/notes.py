"""C2SP signed notes with Ed25519 (c2sp.org/signed-note): text that anybody's tools can check. Pure.

text lines
<blank line>
— key-name base64(key id (4) || signature (64))

A witness signs with the same curve and another algorithm, cosignature/v1 (c2sp.org/tlog-cosignature): what it signs says when it did.

— key-name base64(key id (4) || seconds since epoch (8, big-endian) || signature (64))
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence

ED25519: Final = b"\x01"
COSIGNATURE: Final = b"\x04"  # Ed25519 over the time and the note's text
MAX_NOTE_BYTES: Final = 16_384
MAX_SIGNATURES: Final = 16
KEY_ID_BYTES: Final = 4
PUBLIC_BYTES: Final = 32
SEED_BYTES: Final = 32
TIME_BYTES: Final = 8
PRIVATE: Final = "PRIVATE+KEY"
MARK: Final = "— "
FORBIDDEN: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")  # control characters but the newline; lone surrogates

# y coordinates of the points of order 1, 2, 4 and 8, canonical and not; anybody can "sign" for such a key.
LOW_ORDER: Final = frozenset(
    bytes.fromhex(y)
    for y in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    )
)


class NoteError(ValueError):
    """The note is malformed or not signed by a trusted key; the message says why."""


class Signature(NamedTuple):
    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"{MARK}{self.name} {encode_base64(self.key_id + self.value)}\n"


class Note(NamedTuple):
    """A parsed note, nothing verified yet. `text` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...]


class Verifier(NamedTuple):
    """A public key under its name."""

    name: str
    public: bytes
    algorithm: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.algorithm + self.public).digest()[:KEY_ID_BYTES]

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """False for a wrong signature and for every key of low order. A cosignature's time is part of what must be signed."""
        if is_low_order(self.public):
            return False
        if self.algorithm == COSIGNATURE:
            at, signature = signature[:TIME_BYTES], signature[TIME_BYTES:]
            message = _timed(int.from_bytes(at, "big"), message)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        """The verifier key of Go's sumdb/note: name+id+base64."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self.algorithm + self.public)}"


class Signer:
    """A private key under its name. The secret half has no representation."""

    def __init__(self, name: str, seed: bytes, algorithm: bytes = ED25519) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw(), algorithm)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def note(self, text: str) -> str:
        """Return `text` (which ends with a newline) as a note with one signature."""
        return f"{text}\n{self._line(self.sign(text.encode()))}"

    def cosign(self, text: str, at_s: int) -> str:
        """Return the signature line that says: at `at_s` (seconds since epoch) this was the newest tree that I knew of the log."""
        assert self.verifier.algorithm == COSIGNATURE, "a log's key must never sign what a witness says"
        return self._line(at_s.to_bytes(TIME_BYTES, "big") + self.sign(_timed(at_s, text.encode())))

    def _line(self, signature: bytes) -> str:
        return Signature(self.verifier.name, self.verifier.key_id, signature).line


def private_key(name: str, seed: bytes, algorithm: bytes) -> str:
    """Return the line that `parse_signer` reads: the form in which Go's sumdb/note keeps private keys."""
    key_id = Signer(name, seed, algorithm).verifier.key_id.hex()
    return f"{PRIVATE}+{name}+{key_id}+{encode_base64(algorithm + seed)}\n"


def parse_signer(line: str) -> Signer:
    """Raises NoteError, which quotes nothing of the line."""
    parts = line.strip().split("+", 4)
    if len(parts) != 5 or "+".join(parts[:2]) != PRIVATE:  # noqa: PLR2004 - as in the form above
        raise NoteError("not a private key")
    raw = canonical_base64(parts[4])
    if len(raw) != 1 + SEED_BYTES or raw[:1] not in {ED25519, COSIGNATURE}:
        raise NoteError("not an Ed25519 private key")
    signer = Signer(parts[2], raw[1:], raw[:1])
    if signer.verifier.key_id.hex() != parts[3]:
        raise NoteError("the private key does not have its id")
    return signer


def parse_verifier(text: str) -> Verifier:
    """Read `str(verifier)`. Raises NoteError."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = canonical_base64(encoded)
    if not name or any(c.isspace() for c in name) or len(raw) != 1 + PUBLIC_BYTES or raw[:1] not in {ED25519, COSIGNATURE}:
        raise NoteError("not an Ed25519 verifier key")
    verifier = Verifier(name, raw[1:], raw[:1])
    if verifier.key_id.hex() != key_id or is_low_order(verifier.public):
        raise NoteError("the verifier key does not have its id")
    return verifier


def is_low_order(public: bytes) -> bool:
    return public[:31] + bytes([public[31] & 0x7F]) in LOW_ORDER


def parse(note: str) -> Note:
    """Raises NoteError for anything the specification forbids, more than 16 signatures, or more than 16 KiB."""
    if len(note.encode("utf-8", "surrogatepass")) > MAX_NOTE_BYTES:
        raise NoteError("the note is too long")
    if FORBIDDEN.search(note):
        raise NoteError("the note contains a control character")
    text, separator, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not separator or not text or lines.pop() != "":
        raise NoteError("the note has no signature block")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("the note has too many signatures")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def verify(note: str, trusted: Sequence[Verifier]) -> str:
    """Return the text when a trusted key signed it. Unknown keys are ignored; a known key's bad signature refuses the note."""
    text, signatures = parse(note)
    keys = {(key.name, key.key_id): key for key in trusted}
    known = [(keys[name, key_id], value) for name, key_id, value in signatures if (name, key_id) in keys]
    if not known:
        raise NoteError("no trusted key signed the note")
    for key, value in known:
        if not key.accepts(value, text.encode()):
            raise NoteError(f"the signature of {key.name} is wrong")
    return text


def cosigned_at(note: str, witness: Verifier) -> int | None:
    """When `witness` cosigned the note (seconds since epoch); None when it did not. Raises NoteError where its signature is wrong."""
    assert witness.algorithm == COSIGNATURE, "a log's own signature says nothing about time"
    text, signatures = parse(note)
    own = [value for name, key_id, value in signatures if (name, key_id) == (witness.name, witness.key_id)]
    for value in own:
        if not witness.accepts(value, text.encode()):
            raise NoteError(f"the cosignature of {witness.name} is wrong")
    return max((int.from_bytes(value[:TIME_BYTES], "big") for value in own), default=None)


def encode_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def canonical_base64(value: str) -> bytes:
    """Decode; NoteError unless `value` is the one encoding of its bytes."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("malformed base64") from None
    if base64.b64encode(decoded).decode() != value:
        raise NoteError("base64 that is not canonical")
    return decoded


def _timed(at_s: int, text: bytes) -> bytes:
    return b"cosignature/v1\ntime %d\n%b" % (at_s, text)


def _signature(line: str) -> Signature:
    if not line.startswith(MARK):
        raise NoteError("a signature line does not begin with an em dash")
    name, separator, value = line[len(MARK) :].partition(" ")
    if not separator or not name or "+" in name or any(c.isspace() for c in name):
        raise NoteError("a signature line has no proper key name")
    raw = canonical_base64(value)
    if len(raw) <= KEY_ID_BYTES:
        raise NoteError("a signature is too short")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])
