"""What sealing costs: a process with the settings of a deployment that reads a list of sizes and prints a `Sealed` for each.

The floor is AES-256-GCM over the same bytes in the same process, under one key and a nonce that counts: no derivation of a key for
each message, no commitment, no context but an additional data of the same length.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Final
from uuid import uuid4

import django
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

REPEATS: Final = 5
SECONDS: Final = 0.05  # of each repeat


class SealingTask(msgspec.Struct):
    sizes: list[int]


class Sealed(msgspec.Struct):
    """Microseconds, the best of a few repeats: what disturbs only adds."""

    suite: str
    size: int
    seal_us: float
    open_us: float
    floor_seal_us: float
    floor_open_us: float


def measure(suite: str, size: int, vault: Any) -> Sealed:
    plain, secret, nonce = secrets.token_bytes(size), secrets.token_bytes(32), secrets.token_bytes(12)
    key = vault.OpenKey(uuid4(), uuid4(), "dialogue", 1, secret)
    context = vault.Context("message.posted", key.scope, 7, uuid4(), "client-id-000001", "application/json")
    blob, floor, bound = vault.seal(key, context, plain), AESGCM(secret), bytes(150)
    raw = floor.encrypt(nonce, plain, bound)
    return Sealed(
        suite,
        size,
        best(partial(vault.seal, key, context, plain)),
        best(partial(vault.unseal, key, context, blob)),
        best(partial(floor.encrypt, nonce, plain, bound)),
        best(partial(floor.decrypt, nonce, raw, bound)),
    )


def best(act: Callable[[], object]) -> float:
    """Microseconds of one `act`."""
    return min(_once(act) for _ in range(REPEATS))


def _once(act: Callable[[], object]) -> float:
    begun, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - begun) < SECONDS:
        for _ in range(10):
            act()
        done += 10
    return passed / done * 1e6


if __name__ == "__main__":
    django.setup()
    settings, vault = import_module("django.conf").settings, import_module("records.vault")
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=SealingTask)
    sys.stdout.buffer.write(msgspec.json.encode([measure(settings.XINQIAO_SUITE, size, vault) for size in task.sizes]))
