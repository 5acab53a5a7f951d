"""Writes sm-suite.json: `python -m tests.vectors.sm_suite > tests/vectors/sm-suite.json`.

The SM suite once more, slowly and from the standards alone, with nothing of the product or of the `cryptography` package in it: SM4
(GB/T 32907) with its S-box computed, GCM (NIST SP 800-38D), HMAC (RFC 2104) and HKDF-Expand (RFC 5869) over the SM3 of OpenSSL.
"""

import hashlib
import hmac
import json
import sys
from functools import cache
from typing import Any

from tests.records.vault.gcm import multiply

WORD = 0xFFFF_FFFF
CHUNK = 16_384


def _times(a: int, b: int) -> int:
    """In GF(2^8) modulo x^8+x^7+x^6+x^5+x^4+x^2+1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = a << 1 ^ (0x1F5 if a & 0x80 else 0), b >> 1
    return product


def _affine(x: int) -> int:
    rows = ((0xA7 << bit | 0xA7 >> (8 - bit)) & 0xFF for bit in range(8))
    return sum(((row & x).bit_count() & 1) << bit for bit, row in enumerate(rows)) ^ 0xD3


@cache
def _box() -> list[int]:
    inverse = {0: 0} | {a: b for a in range(1, 256) for b in range(1, 256) if _times(a, b) == 1}
    return [_affine(inverse[_affine(x)]) for x in range(256)]


def _left(x: int, bits: int) -> int:
    return (x << bits | x >> (32 - bits)) & WORD


def _substitute(x: int) -> int:
    return int.from_bytes(bytes(_box()[byte] for byte in x.to_bytes(4, "big")), "big")


def sm4_keys(key: bytes) -> list[int]:
    parameters = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)
    words = [int.from_bytes(key[4 * place : 4 * place + 4], "big") ^ parameter for place, parameter in enumerate(parameters)]
    for round_ in range(32):
        constant = int.from_bytes(bytes((4 * round_ + place) * 7 % 256 for place in range(4)), "big")
        mixed = _substitute(words[-3] ^ words[-2] ^ words[-1] ^ constant)
        words.append(words[-4] ^ mixed ^ _left(mixed, 13) ^ _left(mixed, 23))
    return words[4:]


def sm4(keys: list[int], block: bytes) -> bytes:
    words = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 16, 4)]
    for key in keys:
        mixed = _substitute(words[-3] ^ words[-2] ^ words[-1] ^ key)
        words.append(words[-4] ^ mixed ^ _left(mixed, 2) ^ _left(mixed, 10) ^ _left(mixed, 18) ^ _left(mixed, 24))
    return b"".join(word.to_bytes(4, "big") for word in words[:-5:-1])


def _blocks(data: bytes) -> list[bytes]:
    return [data[i : i + 16].ljust(16, b"\0") for i in range(0, len(data), 16)]


def sm4_gcm(key: bytes, nonce: bytes, plain: bytes, extra: bytes = b"") -> bytes:
    keys = sm4_keys(key)
    pads = (sm4(keys, nonce + number.to_bytes(4, "big")) for number in range(1, 2 + -(-len(plain) // 16)))
    mask = next(pads)
    stream = b"".join(pads)[: len(plain)]
    cipher = bytes(a ^ b for a, b in zip(plain, stream, strict=True))
    h, tag = int.from_bytes(sm4(keys, bytes(16)), "big"), 0
    lengths = (8 * len(extra)).to_bytes(8, "big") + (8 * len(cipher)).to_bytes(8, "big")
    for block in [*_blocks(extra), *_blocks(cipher), lengths]:
        tag = multiply(tag ^ int.from_bytes(block, "big"), h)
    return cipher + (tag ^ int.from_bytes(mask, "big")).to_bytes(16, "big")


def expand(secret: bytes, info: bytes, length: int) -> bytes:
    made, block, number = b"", b"", 1
    while len(made) < length:
        block = hmac.digest(secret, block + info + bytes([number]), "sm3")
        made, number = made + block, number + 1
    return made[:length]


def seal(secret: bytes, context: bytes, salt: bytes, plain: bytes) -> bytes:
    derived = expand(secret, b"c2sp.org/chunked-encryption@v1+AEAD_SM4_GCM\0" + salt + context, 60)
    sealed, base = [salt, derived[28:]], int.from_bytes(derived[16:28], "big")
    for number in range(len(plain) // CHUNK + 1):
        nonce = (base ^ number).to_bytes(12, "big")
        sealed.append(sm4_gcm(derived[:16], nonce, plain[number * CHUNK : (number + 1) * CHUNK]))
    return b"".join(sealed)


def plaintext(length: int) -> bytes:
    return b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(length // 32 + 1))[:length]


def vector(number: int, length: int, context: bytes) -> dict[str, Any]:
    secret, salt = hashlib.sha256(b"key %d" % number).digest(), hashlib.sha256(b"salt %d" % number).digest()[:24]
    sealed = seal(secret, context, salt, plaintext(length))
    shown = {"ciphertext": sealed.hex()} if length < 100 else {"ciphertext_sm3": hashlib.new("sm3", sealed).hexdigest()}
    return {"length": length, "key": secret.hex(), "salt": salt.hex(), "context": context.hex(), **shown}


def body() -> dict[str, Any]:
    lengths = [
        (0, b""),
        (1, b""),
        (33, "上下文".encode()),
        (CHUNK - 1, b"c"),
        (CHUNK, b"c"),
        (CHUNK + 1, b"c"),
        (2 * CHUNK + 5, b"c"),
    ]
    source = "tests/vectors/sm_suite.py of this project; plaintext: SHA-256 of 0, 1, 2 ... as 4 bytes big-endian, joined, cut to length"
    return {"source": source, "tests": [vector(number, *case) for number, case in enumerate(lengths)]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(body(), indent=1) + "\n")
