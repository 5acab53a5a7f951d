"""Checkpoints are taken only in their one form, and only from the right key."""

import base64
import secrets

import pytest

from records.ledger import checkpoints, notes
from records.ledger.notes import LOW_ORDER, NoteError, Signer, Verifier

NAME = "xinqiao.test/ledger"
SIGNER = Signer(NAME, secrets.token_bytes(32))
ROOT = bytes(range(32))  # fixed: it stands in the names of tests, which xdist compares between its processes
GOOD = checkpoints.sign(42, ROOT, SIGNER)
ENCODED = base64.b64encode(ROOT).decode()


def signed(text: str) -> str:
    return SIGNER.note(text)


def refused(note: str, *trusted: Verifier) -> str:
    with pytest.raises(NoteError) as caught:
        checkpoints.verify(note, trusted or [SIGNER.verifier], NAME)
    return str(caught.value)


def test_a_good_checkpoint_says_what_was_signed() -> None:
    assert checkpoints.verify(GOOD, [SIGNER.verifier], NAME) == (NAME, 42, ROOT)


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}\n042\n{ENCODED}\n",
        f"{NAME}\n+42\n{ENCODED}\n",
        f"{NAME}\n-1\n{ENCODED}\n",
        f"{NAME}\n４２\n{ENCODED}\n",
        f"{NAME}\n42 \n{ENCODED}\n",
        f"{NAME}\n{2**63}\n{ENCODED}\n",
        f"{NAME}\n\n{ENCODED}\n",
        f"{NAME}\n42\n{ENCODED[:-2]}\n",
        f"{NAME}\n42\n{ENCODED}\nextension\n",
        f"{NAME}\n42\n",
        f"another.log/ledger\n42\n{ENCODED}\n",
        f"{NAME}\n42\n{base64.b64encode(ROOT[:31]).decode()}\n",
    ],
    ids=lambda text: repr(text[20:40]),
)
def test_a_malformed_checkpoint_is_refused_even_when_signed(text: str) -> None:
    refused(signed(text))


def test_base64_with_stray_bits_is_refused() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = ENCODED[:-2] + alphabet[alphabet.index(ENCODED[-2]) + 1] + "="
    assert base64.b64decode(stray) == ROOT
    assert "canonical" in refused(signed(f"{NAME}\n42\n{stray}\n"))


@pytest.mark.parametrize(
    "bend",
    [
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note.rstrip("\n"),
        lambda note: note + "\n",
        lambda note: note.replace("— ", "- "),
        lambda note: note.replace("— ", "—  "),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("42", "43"),
        lambda note: note.replace("42", "4\x002"),
        lambda note: note.replace("42", "42\ud800"),
        lambda note: note[:-4] + ("B" if note[-4] == "A" else "A") + note[-3:],
        lambda note: note.replace(NAME + " ", NAME + " ="),
        lambda note: note + "x" * 20_000,
        lambda note: note[:0],
        lambda note: note[:0] + "\n\n",
    ],
)
def test_a_bent_note_is_refused(bend: object) -> None:
    assert callable(bend)
    refused(bend(GOOD))


def line(key: Signer, text: str) -> str:
    return key.note(text).rpartition("\n\n")[2]


def test_seventeen_signatures_are_too_many_and_sixteen_are_not() -> None:
    text = GOOD.rpartition("\n\n")[0] + "\n"
    others = [line(Signer(f"witness.{n}", secrets.token_bytes(32)), text) for n in range(16)]
    checkpoints.verify(text + "\n" + "".join(others[:15]) + line(SIGNER, text), [SIGNER.verifier], NAME)
    assert "too many" in refused(text + "\n" + "".join(others) + line(SIGNER, text))
    assert "too" in refused(text + "\n" + line(SIGNER, text) * 10_000)


def test_the_right_name_with_the_wrong_key_is_refused() -> None:
    impostor = Signer(NAME, secrets.token_bytes(32))
    assert "no trusted key" in refused(checkpoints.sign(42, ROOT, impostor))


def test_a_known_key_with_a_wrong_signature_refuses_the_note_whatever_else_signed() -> None:
    friend = Signer("friend", secrets.token_bytes(32))
    text = GOOD.rpartition("\n\n")[0] + "\n"
    note = f"{text}\n{line(friend, text)}{line(SIGNER, 'x' + text)}"
    assert "is wrong" in refused(note, SIGNER.verifier, friend.verifier)


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    """Addition on edwards25519 (RFC 8032 section 5.1.4, affine)."""
    (x1, y1), (x2, y2) = one, two
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def decompress(y: int) -> tuple[int, int] | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x, y) if x * x % P == square else None


@pytest.mark.parametrize("encoded", sorted(LOW_ORDER), ids=lambda value: value.hex()[:8])
def test_every_listed_point_really_is_of_low_order_and_is_refused(encoded: bytes) -> None:
    point = decompress(int.from_bytes(encoded, "little") % P)
    assert point is not None
    for _ in range(3):
        point = add(point, point)
    assert point == (0, 1), "eight times the point is the neutral element"
    for sign in (0, 0x80):
        key = Verifier(NAME, encoded[:31] + bytes([encoded[31] | sign]))
        assert not key.accepts(b"\x01" + bytes(63), b"anything")


def test_a_note_signed_for_the_identity_key_is_refused() -> None:
    """With the neutral element as key, R = identity and S = 0 is a signature of every message for a careless library."""
    key = Verifier(NAME, b"\x01" + bytes(31))
    text = GOOD.rpartition("\n\n")[0] + "\n"
    forged = base64.b64encode(key.key_id + b"\x01" + bytes(63)).decode()
    refused(f"{text}\n{notes.MARK}{NAME} {forged}\n", key)
