"""A TURN client over UDP, as far as the tests go: allocate, ask for a permission (RFC 8489 and 8656)."""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
from typing import NamedTuple

MAGIC = 0x2112A442
ALLOCATE, PERMISSION = 0x0003, 0x0008
USERNAME, INTEGRITY, ERROR, XOR_PEER, REALM, NONCE, TRANSPORT = 0x0006, 0x0008, 0x0009, 0x0012, 0x0014, 0x0015, 0x0019
UDP = b"\x11\x00\x00\x00"
SECONDS, TRIES = 2.0, 5


class Answer(NamedTuple):
    """`code` is 0 for a success."""

    code: int
    attributes: dict[int, bytes]


class Client:
    """One allocation at one relay, with one pair of credentials."""

    def __init__(self, address: tuple[str, int], name: str, password: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(SECONDS)
        self._socket.connect(address)
        self._name, self._password = name.encode(), password.encode()
        self._realm = self._nonce = b""

    def close(self) -> None:
        self._socket.close()

    def allocate(self) -> int:
        """0, or the code of the refusal. The first answer is always 401: it tells the realm."""
        challenge = self._ask(ALLOCATE, [(TRANSPORT, UDP)])
        assert challenge.code == 401, challenge
        self._realm, self._nonce = challenge.attributes[REALM], challenge.attributes[NONCE]
        return self._ask(ALLOCATE, [(TRANSPORT, UDP)]).code

    def permit(self, peer: str) -> int:
        """Whether the relay would send to this IPv4 address: 0, or the code of the refusal."""
        number = int(ipaddress.IPv4Address(peer)) ^ MAGIC
        return self._ask(PERMISSION, [(XOR_PEER, struct.pack("!HHI", 1, 9 ^ (MAGIC >> 16), number))]).code

    def _ask(self, kind: int, attributes: list[tuple[int, bytes]]) -> Answer:
        if self._realm:
            attributes = [*attributes, (USERNAME, self._name), (REALM, self._realm), (NONCE, self._nonce)]
        transaction = os.urandom(12)
        request = self._signed(kind, transaction, b"".join(_attribute(*one) for one in attributes))
        for _ in range(TRIES):
            self._socket.send(request)
            try:
                return _answer(self._heard(transaction))
            except TimeoutError:
                continue
        raise AssertionError("the relay does not answer")

    def _heard(self, transaction: bytes) -> bytes:
        """Pass over late answers to what was asked before."""
        while (message := self._socket.recv(2048))[8:20] != transaction:
            pass
        return message

    def _signed(self, kind: int, transaction: bytes, body: bytes) -> bytes:
        if not self._realm:
            return struct.pack("!HHI", kind, len(body), MAGIC) + transaction + body
        key = hashlib.md5(b":".join((self._name, self._realm, self._password))).digest()
        head = struct.pack("!HHI", kind, len(body) + 24, MAGIC) + transaction
        return head + body + _attribute(INTEGRITY, hmac.digest(key, head + body, "sha1"))


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _answer(message: bytes) -> Answer:
    attributes, at = {}, 20
    while at < len(message):
        kind, length = struct.unpack_from("!HH", message, at)
        attributes[kind] = message[at + 4 : at + 4 + length]
        at += 4 + length + (-length % 4)
    failed = attributes.get(ERROR)
    return Answer(failed[2] * 100 + failed[3] if failed else 0, attributes)
