"""What the log shows to anybody is enough to check it, and tells nothing of what was said."""

import base64
import secrets
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from records.ledger import checkpoints, cosignatures, merkle, published, signing, tree
from records.ledger.merkle import ProofError
from records.ledger.models import Checkpoint, Leaf, TreeEntry
from records.ledger.notes import COSIGNATURE, NoteError, Signer
from records.ledger.published import Place
from records.ledger.sequencer import Sequencer
from tests.records.ledger.conftest import Talk

WITNESS = Signer("witness.test/w1", secrets.token_bytes(32), COSIGNATURE)


def anybody(path: str, method: str = "get") -> Any:
    return getattr(Client(SERVER_NAME="localhost"), method)(f"/ledger/{path}")


def cosigned(newest: Checkpoint) -> Checkpoint:
    text = newest.note.rpartition("\n\n")[0] + "\n"
    with transaction.atomic():
        cosignatures.keep(newest, WITNESS.cosign(text, 1_700_000_000), WITNESS.verifier)
    return newest


def grown(talk: Talk, count: int) -> Checkpoint:
    talk(count)
    Sequencer().drain()
    newest = tree.latest()
    assert newest is not None
    return newest


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("0/000", Place(0, 0, 256)),
        ("0/255.p/1", Place(0, 255, 1)),
        ("2/x001/234.p/255", Place(2, 1234, 255)),
        ("63/x001/x234/067", Place(63, 1234067, 256)),
    ],
)
def test_tiles_are_named_as_the_specification_names_them(path: str, place: Place) -> None:
    assert published.place_of(path) == place
    assert published.path_of(place) == path


NO_TILES = (
    *(
        "",
        "0",
        "0/0",
        "0/0000",
        "00/000",
        "64/000",
        "0/x000/001",
        "0/001/000",
        "0/X001/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/257",
        "0/000.p/999",
        "0/000.p/01",
    ),
    *("0/-01", "0/000/", "/0/000", "0/０００", "entries/000", "0/000.p/1 ", "0/000\n", "0/" + "x001/" * 6 + "000"),
)


@pytest.mark.parametrize("path", NO_TILES)
def test_no_other_name_is_a_tile(path: str) -> None:
    assert published.place_of(path) is None


@pytest.mark.django_db
def test_a_stranger_rebuilds_the_signed_tree_from_what_is_served(talk: Talk) -> None:
    for count in (200, 300, 140):
        grown(talk, count)
    answer = anybody("checkpoint")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/plain; charset=utf-8", "no-cache")
    signed = checkpoints.verify(answer.content.decode(), [signing.verifier()], signing.origin())
    assert signed.size == 640
    tiles = [anybody(f"tile/0/{name}").content for name in ("000", "001", "002.p/128")]
    hashes = [raw[at : at + 32] for raw in tiles for at in range(0, len(raw), 32)]
    assert merkle.root(hashes) == signed.root
    above = anybody("tile/1/000.p/2").content
    assert above == merkle.root(hashes[:256]) + merkle.root(hashes[256:512])
    full = anybody("tile/0/000")
    assert full["Content-Type"] == "application/octet-stream"
    assert "immutable" in full["Cache-Control"]


@pytest.mark.django_db
def test_partial_tiles_of_earlier_checkpoints_stay(talk: Talk) -> None:
    grown(talk, 200)
    early = anybody("tile/0/000.p/200").content
    grown(talk, 100)
    assert anybody("tile/0/000.p/200").content == early == anybody("tile/0/000").content[: 200 * 32]
    for missing in ("0/001.p/45", "0/001", "0/002.p/1", "1/000.p/2", "1/000", "2/000.p/1", "entries/000", "0/x000/000"):
        assert anybody(f"tile/{missing}").status_code == 404, missing
    assert anybody("tile/0/001.p/44").status_code == 200
    assert anybody("tile/1/000.p/1").status_code == 200


@pytest.mark.django_db
def test_nothing_is_served_of_an_empty_log_and_nothing_can_be_written(talk: Talk) -> None:
    for path in ("checkpoint", "cosigned-checkpoint", "tile/0/000.p/1", "entries", ""):
        assert anybody(path).status_code == 404, path
    for path in ("checkpoint", "cosigned-checkpoint", "tile/0/000"):
        assert anybody(path, "post").status_code == 405


@pytest.mark.django_db
def test_the_newest_cosigned_checkpoint_is_served_beside_the_newest(talk: Talk) -> None:
    cosigned(grown(talk, 5))
    grown(talk, 2)
    newest = anybody("checkpoint").content.decode()
    seen = anybody("cosigned-checkpoint").content.decode()
    assert cosignatures.times(newest, [WITNESS.verifier]) == {}
    assert cosignatures.times(seen, [WITNESS.verifier]) == {"witness.test/w1": 1_700_000_000}
    assert checkpoints.verify(seen, [signing.verifier()], signing.origin()).size == 5


@pytest.fixture
def proven(talk: Talk) -> tuple[Leaf, str]:
    """A leaf in the middle of a cosigned tree, and its proof."""
    cosigned(grown(talk, 300))
    leaf = TreeEntry.objects.get(index=130).leaf
    text = published.proof_of(leaf)
    assert text is not None
    return leaf, text


@pytest.mark.django_db
def test_a_proof_stands_alone(proven: tuple[Leaf, str]) -> None:
    leaf, text = proven
    seen = published.check_proof(text, bytes(leaf.hash), signing.verifier(), [WITNESS.verifier])
    assert seen == {"witness.test/w1": 1_700_000_000}
    parsed = published.parse_proof(text)
    assert (parsed.place, parsed.extra) == (130, bytes(leaf.data))
    first, extra, index, *rest = text.split("\n")
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 130")
    assert base64.b64decode(extra.removeprefix("extra ")) == bytes(leaf.data)
    assert rest.index("") == len(parsed.path) == 9


@pytest.mark.django_db
def test_a_proof_of_something_else_is_refused(proven: tuple[Leaf, str]) -> None:
    """Attack 18."""
    leaf, text = proven
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    bent = {
        "another index": text.replace("index 130", "index 131"),
        "an index beyond the tree": text.replace("index 130", "index 300"),
        "one hash less": "\n".join(lines[:-1]) + "\n\n" + note,
        "one hash more": "\n".join([*lines, lines[-1]]) + "\n\n" + note,
        "two hashes exchanged": "\n".join([*lines[:-2], lines[-1], lines[-2]]) + "\n\n" + note,
    }
    for proof in bent.values():
        with pytest.raises(ProofError):
            published.check_proof(proof, bytes(leaf.hash), signing.verifier())
    with pytest.raises(ProofError):
        published.check_proof(text, bytes(32), signing.verifier())
    with pytest.raises(NoteError):
        published.check_proof(text, bytes(leaf.hash), Signer(signing.origin(), secrets.token_bytes(32)).verifier)


@pytest.mark.django_db
def test_a_proof_of_another_form_is_refused(proven: tuple[Leaf, str]) -> None:
    _, text = proven
    for bent in (
        "",
        text.replace("@v1", "@v2"),
        text.replace("index 130", "index 0130"),
        text.replace("index 130\n", ""),
        text.replace("extra ", "extra  "),
        text.replace("\n\n", "\n"),
        text.replace("\n", "\r\n"),
    ):
        with pytest.raises(NoteError):
            published.parse_proof(bent)


@pytest.mark.django_db
def test_a_leaf_beyond_the_cosigned_tree_is_proven_under_the_newest(talk: Talk) -> None:
    cosigned(grown(talk, 3))
    chain = talk(1)
    leaf = Leaf.objects.get(chain_id=chain)
    assert published.proof_of(leaf) is None, "it waits for its place"
    Sequencer().drain()
    text = published.proof_of(leaf)
    assert text is not None
    assert published.check_proof(text, bytes(leaf.hash), signing.verifier(), [WITNESS.verifier]) == {}
