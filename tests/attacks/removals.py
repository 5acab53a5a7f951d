"""One removal for each attack: the product without that one defence. The test that watches must then fail.

A removal gets a `pytest.MonkeyPatch`, runs when the test's fixtures are there, and is undone behind it.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from django.db import connection

Patch = pytest.MonkeyPatch


def _at(path: str) -> Any:
    return importlib.import_module(path)


def _left_out(path: str) -> Callable[[Patch], None]:
    """What is called there does nothing."""
    return lambda patch: patch.setattr(path, lambda *_: None)


def context_is_not_bound(patch: Patch) -> None:
    patch.setattr("records.vault.sealing.encode", lambda *_, **__: b"anywhere")


def no_key_commitment(patch: Patch) -> None:
    """Raw AES-GCM with the same derivation: what the construction adds to it is gone."""

    def decrypt(_: object, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + ciphertext[:24] + context
        derived = HKDFExpand(hashes.SHA512(), 76, info).derive(secret)
        return AESGCM(derived[:32]).decrypt(derived[32:44], ciphertext[56:], None)

    patch.setattr("records.vault.suites.Cobblestone256.decrypt", decrypt)


segments_are_not_compared = _left_out("records.pack.verify_pack.Verifier._check_recording")


def ranges_are_not_cut(patch: Patch) -> None:
    playback = _at("transcription.playback")
    found = playback.wanted

    def uncut(header: str | None, size: int) -> Any:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", header or "")
        return playback.Part(int(match[1]), int(match[2]) + 1) if match else found(header, size)

    for place in ("transcription.playback.wanted", "tests.transcription.test_playback.wanted"):
        patch.setattr(place, uncut)


def the_end_is_not_authenticated(patch: Patch) -> None:
    """As a reader that yields every chunk it could open and does not ask whether there should be more."""

    def decrypt(_: object, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        return Cobblestone256Decryptor(secret, context).update(ciphertext)

    patch.setattr("records.vault.suites.Cobblestone256.decrypt", decrypt)


def the_suite_is_guessed(patch: Patch) -> None:
    suites, sealing = _at("records.vault.suites"), _at("records.vault.sealing")
    encode = sealing.encode
    patch.setattr("records.vault.sealing.suite_of", lambda _: suites.SUITES[sealing.CURRENT])
    patch.setattr("records.vault.sealing.encode", lambda context, **more: encode(context, **{**more, "suite": sealing.CURRENT}))


def modes_are_not_looked_at(patch: Patch) -> None:
    patch.setattr("records.vault.private_files.stat.S_ISREG", lambda _: True)
    status = _at("os").fstat

    class Private:
        """The status of a file that nobody else may read."""

        def __init__(self, descriptor: int) -> None:
            self._real = status(descriptor)
            self.st_mode = 0o100600

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    patch.setattr("records.vault.private_files.os.fstat", Private)


def any_version_retires(patch: Patch) -> None:
    rotation = _at("records.vault.rotation")
    patch.setattr(
        "tests.records.vault.test_rotation.rotation.retire", lambda version, _: rotation.keyring.current().retire(version)
    )


def every_rotation_begins_anew(patch: Patch) -> None:
    patch.setattr("records.management.commands.rotate_keys.unfinished", lambda *_: False)


def shredding_is_forgotten(patch: Patch) -> None:
    keys = _at("records.vault.keys")

    def opened(row: Any) -> Any:
        secret = keys.keyring.current().unwrap(keys.wrapped(row.wrapping), keys.binding(row))
        return keys.OpenKey(row.id, row.scope, row.retention, row.epoch, secret)

    patch.setattr("records.vault.keys._open", opened)


def nothing_is_destroyed_again(patch: Patch) -> None:
    patch.setattr("records.retention.replaying.replay", lambda: 1)


def names_of_files_stay_in_clear(patch: Patch) -> None:
    patch.setattr("transcription.receiving.seal", lambda *given: given[-1])
    patch.setattr("transcription.receiving.unseal", lambda *given: given[-1])


def the_database_has_no_guards(patch: Patch) -> None:
    """Within the test's transaction, as the owner of the database could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'append_only_%'")
            statements = [f"DROP TRIGGER {name} ON {table}" for name, table in cursor.fetchall()]
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'")
            statements = [f"DROP TRIGGER {name}" for (name,) in cursor.fetchall()]
        for statement in statements:
            cursor.execute(statement)


leaves_are_not_hashed_again = _left_out("records.ledger.inspection.code_of")


def any_end_is_complete(patch: Patch) -> None:
    patch.setattr("records.pack.verify_pack.Verifier._check_end", lambda self, _: self.say("ok", "case", "complete", 0))


def any_entry_follows_any_other(patch: Patch) -> None:
    check = _at("records.pack.verify_pack").check_entry

    def alone(row: Any, chain: str, seq: int, head: bytes, tree: Any) -> Any:
        said = json.loads(row["leaf"])
        return check(row, chain, said["seq"], bytes.fromhex(said["prev"]), tree)

    patch.setattr("records.pack.verify_pack.check_entry", alone)


def closing_twice_is_nothing(patch: Patch) -> None:
    patch.setattr("records.pack.verify_pack.CLOSED", "consultation.closed.never")
    patch.setattr("records.pack.verify_pack.Verifier._check_end", lambda self, _: self.say("ok", "case", "complete", 0))


consistency_is_not_checked = _left_out("records.ledger.witness.merkle.check_consistency")
the_witness_has_no_memory = _left_out("records.ledger.witness._require_continues")
any_path_proves = _left_out("records.ledger.merkle.check_inclusion")


def any_note_is_a_checkpoint(patch: Patch) -> None:
    checkpoints = _at("records.ledger.checkpoints")

    def parse(text: str) -> Any:
        return checkpoints.Checkpoint(text.split("\n", 1)[0], 42, bytes(32))

    patch.setattr("records.ledger.checkpoints.parse", parse)


def names_are_keys(patch: Patch) -> None:
    verify_pack = _at("records.pack.verify_pack")
    patch.setattr(verify_pack.Key, "__eq__", lambda one, other: one[0] == other[0])
    patch.setattr(verify_pack.Key, "__ne__", lambda one, other: one[0] != other[0])
    patch.setattr(verify_pack.Key, "accepts", lambda *_: True)
    signed = verify_pack.signed

    def by_name(note: str) -> Any:
        text, found = signed(note)
        return text, [(name, hashlib.sha256(name.encode()).digest()[:4], value) for name, _, value in found]

    parse = verify_pack.parse_key

    def named(line: str, kind: bytes = b"\x01") -> Any:
        key = parse(line, kind)
        return key._replace(key_id=hashlib.sha256(key.name.encode()).digest()[:4])

    patch.setattr(verify_pack, "signed", by_name)
    patch.setattr(verify_pack, "parse_key", named)


def any_stamp_counts(patch: Patch) -> None:
    timestamps = _at("records.ledger.timestamps")

    def believed(response: bytes, *_: object, **__: object) -> Any:
        return timestamps._client().decode_timestamp_response(response).tst_info.gen_time

    patch.setattr("records.ledger.timestamps.verify", believed)


def any_archive_is_read(patch: Patch) -> None:
    """Python's own reader instead of ours, which takes what any archive says about itself."""
    import zipfile

    verify_pack = _at("records.pack.verify_pack")

    def read(self: Any) -> None:
        self.file.seek(0)
        with zipfile.ZipFile(self.file) as archive:
            for info in archive.infolist():
                content = archive.read(info)
                self.members[info.filename] = verify_pack.Member(
                    0, len(content), hashlib.sha256(content).hexdigest(), intact=True
                )

    patch.setattr("records.pack.verify_pack.Container._read", read)


def every_origin_is_ours(patch: Patch) -> None:
    patch.setattr("consult.sockets.handshake.origin_allowed", lambda _: True)


def tickets_are_not_used_up(patch: Patch) -> None:
    """As if every process had a memory of its own, which has just begun."""
    patch.setattr("consult.sockets.tickets.cache.add", lambda *_: True)


def tickets_last(patch: Patch) -> None:
    patch.setattr("consult.sockets.tickets.TICKET_SECONDS", 3600)


def tickets_are_anybodys(patch: Patch) -> None:
    signing = _at("django.core.signing")
    patch.setattr("consult.sockets.tickets._signer", lambda *_: signing.TimestampSigner(sep=".", salt="xinqiao.socket"))


def sessions_are_not_asked_again(patch: Patch) -> None:
    batch = next(value for value in vars(_at("consult.writing.batch")).values() if hasattr(value, "_refusal"))
    refusal = batch._refusal

    def unasked(self: Any, said: Any, *row: Any, **how: Any) -> Any:
        return refusal(self, msgspec.structs.replace(said, session=None), *row, **how)

    patch.setattr(batch, "_refusal", unasked)


def open_sockets_are_not_told(patch: Patch) -> None:
    patch.setattr("records.sessions._revoke", lambda *_: None)


def every_relation_is_enough(patch: Patch) -> None:
    patch.setattr("records.access.allowed", lambda *_: True)


def grants_are_believed(patch: Patch) -> None:
    """The comparison with what the two people signed for, wherever it stands."""
    package = _at("records.grants")
    module = _at("records.grants.signed") if hasattr(package, "__path__") else package
    name = "unaltered" if hasattr(module, "unaltered") else "_unaltered"
    patch.setattr(module, name, lambda _: None)


def the_id_alone_is_the_message(patch: Patch) -> None:
    batch = next(value for value in vars(_at("consult.writing.batch")).values() if hasattr(value, "_again"))
    patch.setattr(batch, "_again", lambda _, __, stored: (stored.seq, stored.at, False))


def frames_are_believed(patch: Patch) -> None:
    json = _at("json")
    patch.setattr("consult.protocol.parsing._decode", json.loads)


def the_scanner_may_be_away(patch: Patch) -> None:
    patch.setattr("consult.attachments.scanning._asked", lambda *_: "stream: OK")


def photos_are_kept_as_sent(patch: Patch) -> None:
    run: Callable[[str, bytes], bytes] = _at("consult.attachments.inspection")._run

    def as_sent(kind: str, data: bytes) -> bytes:
        head, _, rest = run(kind, data).partition(b"\n")
        said, size = json.loads(head), len(data)
        small = rest[said["parts"][0] :]
        return json.dumps({**said, "parts": [size, len(small)]}).encode() + b"\n" + data + small

    patch.setattr("consult.attachments.inspection._run", as_sent)


def whoever_knows_the_call_is_in_it(patch: Patch) -> None:
    """As a switchboard that asks which call it is, and not who says it over which line."""
    patch.setattr(
        "consult.calls.switchboard.Switchboard.seat_of", lambda self, _, call: next(iter(self._views[call].seats.values()))
    )
