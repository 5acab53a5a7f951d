"""The vault: what is said is sealed under a data key per scope and retention class, bound to where it belongs.

The names below are its whole interface; nothing outside imports a key-encrypting key.
"""

from records.vault.context import Context
from records.vault.devices import device_key
from records.vault.errors import KeyMissing, KeyringError, KeyShredded, SealBroken, VaultError
from records.vault.keys import data_key, forget, is_open, new_key, on_shredded, open_key, shred, warm
from records.vault.models import Retention
from records.vault.opened import BlobKey, OpenKey
from records.vault.sealing import blob_key, deployment, seal, unlock, unseal, unseal_part
from records.vault.streams import SEGMENT_BYTES, manifest

__all__ = [
    "SEGMENT_BYTES",
    "BlobKey",
    "Context",
    "KeyMissing",
    "KeyShredded",
    "KeyringError",
    "OpenKey",
    "Retention",
    "SealBroken",
    "VaultError",
    "blob_key",
    "data_key",
    "deployment",
    "device_key",
    "forget",
    "is_open",
    "manifest",
    "new_key",
    "on_shredded",
    "open_key",
    "seal",
    "shred",
    "unlock",
    "unseal",
    "unseal_part",
    "warm",
]
