"""Any part of a recording is read alone: exactly those bytes, from a blob whose length is proven, and nothing of one that was altered."""

import io
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.vault import SealBroken, chunked
from records.vault.chunked import AES_256, CHUNK, HEADER, SM4, TAG, Construction
from records.vault.reader import ChunkedReader

KEY, CONTEXT = bytes(range(32)), b"a recording's third segment"
SIZE = 3 * CHUNK + 1234
PLAIN = secrets.token_bytes(SIZE)
SEALED = {construction.name: chunked.encrypt(construction, KEY, CONTEXT, PLAIN) for construction in (AES_256, SM4)}
BLOB = SEALED[AES_256.name]
both = pytest.mark.parametrize("construction", [AES_256, SM4], ids=lambda construction: construction.name.decode())


def reader(blob: bytes = BLOB, construction: Construction = AES_256) -> ChunkedReader:
    return ChunkedReader(io.BytesIO(blob), construction, KEY, CONTEXT)


@given(st.integers(0, SIZE + 100), st.integers(0, SIZE + 100))
def test_every_part_is_exact(offset: int, length: int) -> None:
    assert reader().read(offset, length) == PLAIN[offset : offset + length]


@both
@pytest.mark.parametrize("start", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1, 3 * CHUNK, SIZE - 1])
def test_every_part_around_the_seams_is_exact(construction: Construction, start: int) -> None:
    opened = reader(SEALED[construction.name], construction)
    for length in (0, 1, 2, CHUNK, CHUNK + 1, SIZE):
        assert opened.read(start, length) == PLAIN[start : start + length]


def test_parts_may_overlap_and_come_in_any_order() -> None:
    opened = reader()
    for start, length in ((40_000, 5000), (39_000, 5000), (0, 10), (5, 10), (0, SIZE), (SIZE - 1, 1)):
        assert opened.read(start, length) == PLAIN[start : start + length]


@pytest.mark.parametrize("offset", [SIZE, SIZE + 1, 2**31, 2**63, 2**64])
def test_at_the_end_and_far_behind_it_there_is_nothing(offset: int) -> None:
    assert reader().read(offset, 10) == b""
    assert reader().read(SIZE - 3, offset) == PLAIN[-3:]


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, -1), (-(2**63), 2**63)])
def test_there_is_nothing_before_the_beginning(offset: int, length: int) -> None:
    with pytest.raises(ValueError, match="before"):
        reader().read(offset, length)


@both
@pytest.mark.parametrize("size", [0, CHUNK, 2 * CHUNK])
def test_an_empty_last_chunk_proves_the_length_too(construction: Construction, size: int) -> None:
    opened = reader(chunked.encrypt(construction, KEY, CONTEXT, PLAIN[:size]), construction)
    assert (opened.size, opened.read(0, SIZE)) == (size, PLAIN[:size])


@both
@pytest.mark.parametrize("chunks", [0, 1, 2, 3])
def test_a_cut_exactly_between_chunks_is_found_before_anything_is_read(construction: Construction, chunks: int) -> None:
    with pytest.raises(SealBroken):
        reader(SEALED[construction.name][: HEADER + chunks * (CHUNK + TAG)], construction)


@given(st.integers(0, len(BLOB) - 1))
def test_no_beginning_of_a_blob_is_read(length: int) -> None:
    with pytest.raises(SealBroken):
        reader(BLOB[:length])


@given(st.binary(min_size=1, max_size=2 * CHUNK))
def test_nothing_can_be_put_behind_a_blob(more: bytes) -> None:
    with pytest.raises(SealBroken):
        reader(BLOB + more)


def test_exchanged_and_repeated_chunks_are_found_when_they_are_read() -> None:
    first, second = (BLOB[HEADER:][start : start + CHUNK + TAG] for start in (0, CHUNK + TAG))
    rest = BLOB[HEADER + 2 * (CHUNK + TAG) :]
    for chunks in (second + first, first + first, second + second):
        opened = reader(BLOB[:HEADER] + chunks + rest)
        assert opened.read(2 * CHUNK, SIZE) == PLAIN[2 * CHUNK :]
        with pytest.raises(SealBroken):
            opened.read(0, 2 * CHUNK)


@given(st.data())
def test_a_part_with_a_changed_byte_is_not_read(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(BLOB) - 1))
    altered = bytearray(BLOB)
    altered[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        reader(bytes(altered)).read(0, SIZE)


def test_another_key_context_or_construction_does_not_read_a_byte() -> None:
    for key, context, construction in ((bytes(32), CONTEXT, AES_256), (KEY, b"another", AES_256), (KEY, CONTEXT, SM4)):
        with pytest.raises(SealBroken):
            ChunkedReader(io.BytesIO(BLOB), construction, key, context)


def test_a_short_part_opens_two_chunks_and_not_the_file(tmp_path: Path) -> None:
    """The last one, which proves the length, and its own."""

    class Counted(io.FileIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            got = super().read(-1 if size is None else size)
            self.taken += len(got or b"")
            return got or b""

    path = tmp_path / "segment"
    path.write_bytes(BLOB)
    with Counted(path) as file:
        assert ChunkedReader(file, AES_256, KEY, CONTEXT).read(CHUNK + 5, 10) == PLAIN[CHUNK + 5 :][:10]
        assert file.taken == HEADER + (1234 + TAG) + (CHUNK + TAG)
