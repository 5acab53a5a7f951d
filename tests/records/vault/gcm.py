"""Enough of AES-GCM (NIST SP 800-38D) to make a ciphertext that opens under two keys: what key commitment is there to stop."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

REDUCTION = 0xE1 << 120  # x^128 + x^7 + x^2 + x + 1, in GCM's reflected order


def multiply(a: int, b: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (REDUCTION if b & 1 else 0)
    return product


def inverse(a: int) -> int:
    """a to the power of 2**128 - 2."""
    power, result = a, 1 << 127
    for _ in range(127):
        power = multiply(power, power)
        result = multiply(result, power)
    return result


def block(key: bytes, data: bytes) -> int:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return int.from_bytes(encryptor.update(data) + encryptor.finalize(), "big")


def opens_under_both(one: tuple[bytes, bytes], two: tuple[bytes, bytes]) -> bytes:
    """Return a block and a tag that AES-GCM accepts under both (key, 12-byte nonce) pairs."""
    (h1, s1), (h2, s2) = ((block(key, bytes(16)), block(key, nonce + b"\x00\x00\x00\x01")) for key, nonce in (one, two))
    length = 128  # bits of ciphertext, in the second half of GHASH's last block; no additional data
    # tag = C*h*h + length*h + s must be the same for both keys: solve for C.
    difference = multiply(length, h1) ^ multiply(length, h2) ^ s1 ^ s2
    cipher = multiply(difference, inverse(multiply(h1, h1) ^ multiply(h2, h2)))
    tag = multiply(multiply(cipher, h1) ^ length, h1) ^ s1
    return cipher.to_bytes(16, "big") + tag.to_bytes(16, "big")
