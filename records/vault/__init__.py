"""The vault: what is said is sealed under a data key per scope and retention class, bound to where it belongs.

The names below are its whole interface; nothing outside imports a key-encrypting key.
"""

from records.vault.context import Context
from records.vault.errors import KeyMissing, KeyringError, SealBroken, VaultError
from records.vault.keys import OpenKey, data_key, forget, is_open, open_key
from records.vault.models import Retention
from records.vault.sealing import deployment, seal, unlock, unseal
from records.vault.streams import SEGMENT_BYTES, manifest

__all__ = [
    "SEGMENT_BYTES",
    "Context",
    "KeyMissing",
    "KeyringError",
    "OpenKey",
    "Retention",
    "SealBroken",
    "VaultError",
    "data_key",
    "deployment",
    "forget",
    "is_open",
    "manifest",
    "open_key",
    "seal",
    "unlock",
    "unseal",
]
