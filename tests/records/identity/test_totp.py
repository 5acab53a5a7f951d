"""Codes of the moment against the published vectors, and which of them are taken."""

import base64

import pytest

from records.identity import totp

SEED = base64.b32encode(b"12345678901234567890").decode()
# RFC 6238, appendix B: seconds since epoch, code of eight digits (SHA-1).
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_the_codes_of_the_rfc(at: int, code: str) -> None:
    assert totp.code_at(SEED, at // 30, digits=8) == code
    assert totp.step_of(SEED, code[2:], at, 0) == at // 30


def test_a_code_is_taken_half_a_minute_early_or_late_and_not_a_minute() -> None:
    now = 1_234_567_890
    steps = [totp.step_of(SEED, totp.code_at(SEED, now // 30 + drift), now, 0) for drift in (-2, -1, 0, 1, 2)]
    assert steps == [None, now // 30 - 1, now // 30, now // 30 + 1, None]


def test_a_code_is_not_taken_again_nor_one_from_before_it() -> None:
    now = 1_234_567_890
    assert totp.step_of(SEED, totp.code_at(SEED, now // 30), now, now // 30) is None
    assert totp.step_of(SEED, totp.code_at(SEED, now // 30 - 1), now, now // 30) is None
    assert totp.step_of(SEED, totp.code_at(SEED, now // 30 + 1), now, now // 30) == now // 30 + 1


def test_what_is_no_code_is_wrong_and_nothing_worse() -> None:
    assert [
        totp.step_of(SEED, text, 59, 0) for text in ("", "28708", "２８７０８２", "\ud800".encode("utf-8", "replace").decode())
    ] == [None] * 4


def test_an_app_reads_whose_secret_it_is() -> None:
    assert totp.address("ABC", "D1001", "信桥 医院").startswith("otpauth://totp/%E4%BF%A1%E6%A1%A5%20")
    assert totp.address("ABC", "D1001", "x").endswith("x%3AD1001?secret=ABC&issuer=x")
    assert len(base64.b32decode(totp.new_secret())) == 20
