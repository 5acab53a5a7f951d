#!/usr/bin/env python3
"""Verifies a Xinqiao evidence pack, offline: python3 verify_pack.py PACK.zip --key "the ledger's public key"

One file on purpose, longer than the project's other files: it travels inside every pack, and a stranger must be able to read it
whole and run it with nothing but Python (3.9 or newer) and the `cryptography` package. It imports nothing of Xinqiao.

Exit code: 0 everything proven and every consultation complete; 3 nothing is wrong, but completeness is not proven, no --key was given,
or a witness or an authority that was asked for does not vouch for every entry; 1 something does not match (it is named); 2 the file
cannot be read.

--code TEXT checks a printed page: the text of its QR code, or the short code beside it. --witness KEY (once for each) names a
witness whose co-signature shall be checked, --authority FILE the certificates of a time-stamping authority (PEM).

Formats: BagIt (RFC 8493) in a ZIP of stored files; C2SP signed note, checkpoint, cosignature/v1,
chunked-encryption (Cobblestone-256, or SM4 and SM3);
Merkle tree of RFC 9162; leaves in RFC 8785 JSON; RFC 3161 time stamps; Ed25519 (RFC 8032); SHA-256; HKDF-SHA-512 (RFC 5869); AES-256-GCM.
"""

# Python 3.9 has no datetime.UTC and no int.bit_count; the numbers below are those of the formats.
# ruff: noqa: FURB161, PLR2004, T201, UP017

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import struct
import sys
import unicodedata
import uuid
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.x509.oid import ExtendedKeyUsageOID

COMPLETE, MISMATCH, UNREADABLE, INCOMPLETE = 0, 1, 2, 3

MAX_FILES = 65_000
MAX_TEXT = 268_435_456  # bytes of one JSON, note or manifest file
MAX_BLOB = 67_108_864  # bytes of one ciphertext that is opened
MAX_NOTE = 16_384
MAX_SIGNATURES = 16
BLOCK = 1_048_576

WORDS = {  # code: (Chinese, English)
    "container": ("文件结构不符：{0}", "the file's structure is not that of a pack: {0}"),
    "file.changed": ("内容被改动", "its bytes were changed"),
    "file.missing": ("清单中有，包内没有", "it is in the manifest and not in the pack"),
    "file.extra": ("包内有，清单中没有", "it is in the pack and not in the manifest"),
    "malformed": ("格式错误：{0}", "malformed: {0}"),
    "key.other": ("包内公钥与所给公钥不同", "the pack's key is not the key that was given"),
    "seal": ("封印签名有效，{0} 个文件与封装时一致", "the seal is valid: all {0} files are as they were packed"),
    "seal.bad": ("封印签名无效", "the seal is not valid"),
    "checkpoint": ("检查点签名有效：账本共 {0} 条", "the checkpoint's signature is valid: a ledger of {0} entries"),
    "checkpoint.bad": ("检查点无效：{0}", "the checkpoint is not valid: {0}"),
    "chain": (
        "{0} 条首尾相连、没有缺号，且都在已签名的账本中",
        "{0} entries follow each other without a gap, all in the signed ledger",
    ),
    "chain.waiting": ("有 {0} 条尚未进入已签名的账本，不能证明", "{0} entries are not yet in the signed ledger: not proven"),
    "chain.count": ("应有 {0} 条，实有 {1} 条", "it should have {0} entries and has {1}"),
    "entry.form": ("不是规范的条目", "not a canonical entry"),
    "entry.gap": ("前面的条目缺失", "an entry before it is missing"),
    "entry.link": ("与前一条的链接断开", "not linked to the entry before it"),
    "entry.proof": ("不能证明在已签名的账本中", "not proven to be in the signed ledger"),
    "entry.closed_twice": ("未重新打开却有两次结束", "closed twice without being reopened"),
    "content": ("密文正是当时记录的那份", "the ciphertext is the one that was recorded"),
    "content.opened": (
        "密文正是当时记录的那份，原文由它解出",
        "the ciphertext is the one that was recorded, and opens to its words",
    ),
    "content.changed": ("密文与条目记录的哈希不符", "the ciphertext does not have the hash that its entry recorded"),
    "content.suite": (
        "本机的 cryptography 没有加密时所用的算法",
        "the cryptography package of this machine does not have the cipher this was sealed with",
    ),
    "content.broken": ("密文不能用所附密钥和上下文打开", "the ciphertext does not open with its key and context"),
    "content.entry": ("没有对应的条目", "there is no entry for it"),
    "content.place": ("封装上下文与条目不一致", "what it was sealed for is not its entry"),
    "content.key": ("它不属于包内任何一份密文", "it belongs to no ciphertext in the pack"),
    "content.twice": ("同一条目出现两份内容", "a second content for one entry"),
    "content.withheld": (
        "内容未附在包内（不在包内授权的范围或日期内）",
        "its content is not in the pack (outside what the grant in the pack covers)",
    ),
    "content.left_out": (
        "内容未附在包内，理由未得到证明：包内没有授权把它排除在外",
        "its content was left out, and the reason is not proven: no grant in the pack excludes it",
    ),
    "content.grants": ("授权中所写的文字不附在任何包内", "what was written about a grant is in no pack"),
    "shredded.maximum": (
        "按规定销毁：销毁记录 #{0}，{1}，{2} 类的保存期限已满",
        "shredded under destruction record #{0} on {1}: the time of keeping of its class ({2}) was over",
    ),
    "shredded.replay": (
        "按规定销毁：销毁记录 #{0}，{1}，恢复备份之后再次销毁（{2}）",
        "shredded under destruction record #{0} on {1}: again, after a backup was restored ({2})",
    ),
    "shredded.request": (
        "按规定销毁：销毁记录 #{0}，{1}，患者申请删除（{2}，申请 {3}）",
        "shredded under destruction record #{0} on {1}: the patient asked for it ({2}, request {3})",
    ),
    "tombstone": ("销毁记录在已签名的账本中", "the destruction record is in the signed ledger"),
    "tombstone.form": ("不是销毁的条目", "it is no entry of a destruction"),
    "tombstone.other": ("包内没有由它销毁的内容", "nothing that this pack lacks was destroyed under it"),
    "quality": ("质控抽查：{0}（{1}），由条目证明", "quality review: {0} ({1}), proven by its entry"),
    "quality.form": ("不是本案的抽查结论", "it is no verdict of quality review on a case of this pack"),
    "recording": (
        "{0} 段录音齐全、次序无误，正是当时记录的那份",
        "all {0} segments, in order, are the recording that was recorded",
    ),
    "recording.changed": ("录音段缺失、重复、次序改变或被改动", "a segment is missing, repeated, out of order or altered"),
    "attachment": ("正是那条消息所带的文件", "it is the file that the message carried"),
    "attachment.other": ("不是那条消息所带的文件", "it is not the file that the message carried"),
    "attachment.changed": ("文件段缺失、重复、次序改变或被改动", "a segment is missing, repeated, out of order or altered"),
    "attachment.unopened": (
        "未附密钥，不能证明它属于那条消息",
        "without the message's key it is not proven to be the one that the message carried",
    ),
    "attachment.withheld": (
        "消息所带的文件未附在包内（不在包内授权的范围或日期内）",
        "the message carried it, and it is not in the pack (outside what the grant in the pack covers)",
    ),
    "attachment.left_out": (
        "消息所带的文件未附在包内，理由未得到证明：包内没有授权把它排除在外",
        "the message carried it; it was left out, and the reason is not proven: no grant in the pack excludes it",
    ),
    "access": ("由条目证明（{0}）", "proven by an entry ({0})"),
    "access.unlisted": (
        "账本中有这次查阅，包内的查阅名单里没有",
        "the ledger has this reading, and the list of readings in the pack leaves it out",
    ),
    "access.stated": ("仅为医院陈述，未由条目证明", "stated by the hospital, not proven by an entry"),
    "access.wrong": ("所引条目不能证明这次查阅", "the entry it names does not prove it"),
    "complete": (
        "咨询已结束，截至这次结束，第 1 条至第 {0} 条完整；不排除此后又重新打开",
        "the consultation was closed: as of that closing entries 1 to {0} are complete; a later reopening is not excluded",
    ),
    "incomplete": (
        "开头到第 {0} 条属实；咨询未结束，不能证明之后没有别的条目",
        "a valid beginning up to entry {0}, not proven complete: the consultation was not closed",
    ),
    "scope": (
        "包内有 {0} 份咨询；没有别的咨询属于这一范围，由医院陈述，不能由包证明",
        "{0} consultations; that no other belongs to the patient or period is stated by the hospital, not proven",
    ),
    "code": ("所给的码正是这个证据包的", "the code that was given is this pack's"),
    "code.other": ("所给的码不是这个证据包的", "the code that was given is not this pack's"),
    "witness": ("见证人于 {0} 联署了这个检查点", "the witness co-signed this checkpoint at {0}"),
    "witness.covers": ("这位见证人为包内全部 {0} 条作证", "this witness vouches for all {0} entries here"),
    "witness.partly": (
        "这位见证人只为包内 {1} 条中的 {0} 条作证；其余只有医院自己的签名，第一条是 {2}",
        "this witness vouches for {0} of the {1} entries here; the others rest on the hospital alone, the first of them {2}",
    ),
    "witness.bad": ("见证人的联署无效", "the witness's co-signature is not valid"),
    "witness.absent": ("这位见证人没有联署这个检查点", "this witness did not co-sign the checkpoint"),
    "witness.unchecked": (
        "有联署，未用 --witness 给出其公钥，不能证明",
        "it co-signed; without its own key (--witness) that is not proven",
    ),
    "witness.none": (
        "没有见证人联署：同时掌握数据库与签名私钥者有可能另造一部账本",
        "no witness co-signed: whoever held both the database and the signing key could have made another ledger",
    ),
    "anchor": (
        "账本的前 {0} 条当时已经签名，包内账本以它们开头",
        "a tree of {0} entries had been signed, and the ledger of this pack begins with it",
    ),
    "anchor.bad": ("不能证明包内账本以它开头", "not proven to be the beginning of this pack's ledger"),
    "stamp": (
        "时间戳机构 {1} 证明：账本的前 {2} 条在 {0} 已经存在；包内 {4} 条中有 {3} 条在其中",
        "{1} proves that the first {2} entries of the ledger existed at {0}; {3} of the {4} entries here are among them",
    ),
    "stamp.partly": (
        "所给的机构只为包内 {1} 条中的 {0} 条证明时间；其余只有医院自己的签名，第一条是 {2}",
        "the given authority stamped {0} of the {1} entries here; the others rest on the hospital alone, the first of them {2}",
    ),
    "stamp.bad": ("时间戳无效：{0}", "the time stamp is not valid: {0}"),
    "stamp.unchecked": (
        "有时间戳（{0}），未用 --authority 给出机构证书，不能证明",
        "it was time-stamped ({0}); without the authority's certificates (--authority) that is not proven",
    ),
    "names": (
        "姓名、角色与供阅读的页面由医院陈述，不能由包证明",
        "names, roles and the pages for reading are stated by the hospital, not proven",
    ),
    "clock": ("时间以医院时钟为准", "times are by the hospital's clock"),
    "key.unchecked": (
        "未用 --key 给出公钥：只证明包与其自带公钥一致，请与医院公布的公钥比对：{0}",
        "no --key was given: this proves only that the pack agrees with the key inside it; compare it with the published key: {0}",
    ),
}
NO_KEY = (
    "结论：包前后一致；未给出医院公布的公钥，不能证明它出自该医院。",
    "Verdict: the pack agrees with itself; without the published key it is not proven that this hospital made it.",
)
PARTLY = (
    "结论：所含内容得到证明，咨询记录完整；但所给的见证人或时间戳机构没有为其中每一条作证。",
    "Verdict: everything is proven and complete, but a witness or an authority that was given does not vouch for every entry.",
)
VERDICTS = {
    COMPLETE: (
        "结论：全部得到证明，每份咨询记录截至其结束是完整的。",
        "Verdict: everything is proven, and every consultation in it is complete as of its closing.",
    ),
    INCOMPLETE: ("结论：所含内容得到证明，但不能证明完整。", "Verdict: what is here is proven; that it is complete is not."),
    MISMATCH: ("结论：不可信，{0} 处不符。第一处：{1}", "Verdict: not to be trusted, {0} mismatches. The first: {1}"),
}


class Bad(Exception):
    """One item does not match; carries a code of WORDS and its values."""

    def __init__(self, code: str, *values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Finding(NamedTuple):
    mark: str  # "ok": proven; "no": does not match; "--": not proven, and not held against the pack
    item: str
    code: str
    values: tuple[object, ...]

    def words(self, language: str) -> str:
        text = WORDS[self.code][0 if language == "zh" else 1]
        return printable(f"{self.item}: {text.format(*self.values)}")


class Member(NamedTuple):
    offset: int
    size: int
    sha256: str
    intact: bool  # its CRC is right


UNDECIDED = {"incomplete", "chain.waiting", "key.unchecked", "content.left_out", "attachment.left_out"}
PARTLY_VOUCHED = {"witness.partly", "stamp.partly"}
ED25519, COSIGNATURE = b"\x01", b"\x04"  # kinds of C2SP verifier keys


class Key(NamedTuple):
    """A C2SP verifier key."""

    name: str
    key_id: bytes
    public: bytes

    def accepts(self, signature: bytes, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class Tree(NamedTuple):
    size: int
    root: bytes


class Leaf(NamedTuple):
    body: dict[str, Any]
    place: int | None  # in the ledger; None while it is not proven

    @property
    def proven(self) -> bool:
        return self.place is not None


# --- The container ---------------------------------------------------------------------------------------------------

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
LOCAL = struct.pack("<4s5H", b"PK\x03\x04", 20, 0, 0, 0, 0x21)
CENTRAL = struct.pack("<4s6H", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21)


class Container:
    """A ZIP of stored files in the one form that packs have; every byte of it is accounted for, so nothing hides in it.

    Nothing is ever extracted or decompressed: names cannot leave a directory, and sizes are those of the file itself.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.length = file.seek(0, os.SEEK_END)
        self.members: dict[str, Member] = {}
        self._read()

    def text(self, name: str, limit: int = MAX_TEXT) -> str:
        member = self.members.get(name)
        if member is None:
            raise Bad("file.missing")
        if member.size > limit:
            raise Bad("malformed", "too long")
        try:
            return self.content(name).decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("malformed", "not UTF-8") from None

    def content(self, name: str) -> bytes:
        member = self.members[name]
        self.file.seek(member.offset)
        return self.file.read(member.size)

    def _read(self) -> None:
        position = 0
        entries: list[tuple[int, bytes]] = []
        while self._peek(position) == b"PK\x03\x04":
            name, sizes, member = self._member(position)
            entries.append((position, CENTRAL + sizes + struct.pack("<3H2I", 0, 0, 0, 0, position) + name.encode()))
            self.members[name] = member
            position = member.offset + member.size
            if len(self.members) > MAX_FILES:
                raise Bad("container", "too many files")
        self._check_directory(position, entries)

    def _check_directory(self, position: int, entries: list[tuple[int, bytes]]) -> None:
        """What stands behind the files: an entry for each (with where it begins) and the end. Bad names the first wrong byte."""
        directory, count = b"".join(entry for _, entry in entries), len(entries)
        wanted = directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), position, 0)
        self.file.seek(position)
        found = self.file.read(len(wanted) + 1)
        if found == wanted:
            return
        wrong = next((at for at in range(len(wanted)) if found[at : at + 1] != wanted[at : at + 1]), len(wanted))
        at = f"directory at byte {position + wrong}"
        if wrong < 4:  # neither a file begins here nor the directory
            raise Bad("container", f"{at}, behind the file at byte {entries[-1][0] if entries else 0}")
        for start, entry in entries:
            if wrong < len(entry):
                raise Bad("container", f"{at}, of the file at byte {start}")
            wrong -= len(entry)
        raise Bad("container", at)

    def _peek(self, position: int) -> bytes:
        self.file.seek(position)
        return self.file.read(4)

    def _member(self, position: int) -> tuple[str, bytes, Member]:
        self.file.seek(position)
        head = self.file.read(30)
        if len(head) < 30 or head[:14] != LOCAL:
            raise Bad("container", f"header at byte {position}")
        crc, stored, size, name_length, extra = struct.unpack("<3I2H", head[14:])
        name = self.file.read(name_length).decode("ascii", "replace")
        if extra or stored != size or not NAME.fullmatch(name) or len(name) > 200:
            raise Bad("container", f"file {name[:80]!r} at byte {position}")
        if name in self.members:
            first = self.members[name].offset - 30 - name_length
            raise Bad("container", f"file {name!r} twice, at byte {first} and at byte {position}")
        offset = position + 30 + name_length
        if offset + size > self.length:
            raise Bad("container", f"file {name!r} is cut off")
        digest, check, left = hashlib.sha256(), 0, size
        while left:
            block = self.file.read(min(left, BLOCK))
            if not block:
                raise Bad("container", f"file {name!r} is cut off")
            digest.update(block)
            check, left = zlib.crc32(block, check), left - len(block)
        return name, head[14:], Member(offset, size, digest.hexdigest(), check == crc)


# --- Notes and signatures --------------------------------------------------------------------------------------------

LOW_ORDER = {
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
}


def decode64(text: object) -> bytes:
    """The one encoding of its bytes, or Bad."""
    try:
        raw = base64.b64decode(str(text), validate=True)
    except ValueError:
        raise Bad("malformed", "base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Bad("malformed", "base64 is not canonical")
    return raw


def parse_key(line: str, kind: bytes = ED25519) -> Key:
    name, separator, rest = line.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = decode64(encoded)
    public = raw[1:]
    if not separator or not name or raw[:1] != kind or len(public) != 32:
        raise Bad("malformed", "public key")
    if (public[:31] + bytes([public[31] & 0x7F])).hex() in LOW_ORDER:
        raise Bad("malformed", "public key of low order")
    expected = hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]
    if expected.hex() != key_id:
        raise Bad("malformed", "the key's id is not its own")
    return Key(name, expected, public)


def verified_text(note: str, key: Key) -> str:
    """The text of a C2SP signed note that `key` signed; Bad otherwise."""
    if len(note.encode()) > MAX_NOTE or any(ord(c) < 0x20 and c != "\n" for c in note):
        raise Bad("malformed", "note")
    text, signatures = signed(note)
    own = [value for name, key_id, value in signatures if (name, key_id) == (key.name, key.key_id)]
    if not own:
        raise Bad("malformed", "not signed by the ledger's key")
    if not all(key.accepts(value, text) for value in own):
        raise Bad("malformed", "wrong signature")
    return text


def signed(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The note's text, and (name, key id, signature) of each of its signature lines, nothing verified yet."""
    text, separator, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not separator or not text or lines.pop() != "" or not 0 < len(lines) <= MAX_SIGNATURES:
        raise Bad("malformed", "note")
    found = []
    for line in lines:
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        if not match:
            raise Bad("malformed", "signature line")
        raw = decode64(match.group(2))
        found.append((match.group(1), raw[:4], raw[4:]))
    return text + "\n", found


def cosigned_at(note: str, witness: Key) -> int | None:
    """When (seconds since 1970) this witness co-signed the note, None if it did not; Bad for a signature that is not its own."""
    text, signatures = signed(note)
    own = [value for name, key_id, value in signatures if (name, key_id) == (witness.name, witness.key_id)]
    for value in own:
        at = int.from_bytes(value[:8], "big")
        if len(value) != 72 or not witness.accepts(value[8:], f"cosignature/v1\ntime {at}\n{text}"):
            raise Bad("witness.bad")
    return int.from_bytes(own[0][:8], "big") if own else None


def parse_checkpoint(note: str, key: Key) -> Tree:
    lines = verified_text(note, key).split("\n")
    if len(lines) != 4 or lines[0] != key.name or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1], re.ASCII):
        raise Bad("malformed", "checkpoint")
    root = decode64(lines[2])
    if len(root) != 32:
        raise Bad("malformed", "root hash")
    return Tree(int(lines[1]), root)


# --- Chains and tree -------------------------------------------------------------------------------------------------

RETENTION = "00000000-0000-4000-8000-000000000002"  # the chain of retention: every destruction is one of its entries
SHREDDED = "content.shredded"
VERDICT_KINDS = {"sample.reviewed", "sample.resolved", "sample.confirmed"}
CLASSES = (  # by the beginnings of an entry's kind, the class of its content; everything else is dialogue
    (("chart.entry.", "follow_up.", "transcript."), "record"),
    (("grant.", "hold.", "rights."), "access"),
)
MEMBERS = {"actor", "at", "chain", "content", "ids", "kind", "prev", "seq", "v"}
CLOSED, REOPENED, POSTED = "consultation.closed", "consultation.reopened", "message.posted"
READ, RECORDED = "grant.read", "recording.sealed"


AGREED = {"grant.decided", "grant.broken"}  # with the state `approved`: the terms under which a case was opened
OF_CHART = ("chart.", "follow_up.")  # what no grant reaches
HOUR, DAY = 3_600_000, 86_400_000  # ms


class Terms(NamedTuple):
    """What a grant reaches. The days are those of the hospital's place, which no entry names: whatever lies outside them in some time
    zone counts as outside. `parts` is None for grants from before there were any: they reach everything."""

    parts: set[str] | None
    since: int | None  # ms since epoch, midnight UTC
    until: int | None  # likewise, of the day after the last one

    def reach(self, part: str, at: int) -> bool:
        inside = (self.since is None or at >= self.since + 12 * HOUR) and (self.until is None or at < self.until - 14 * HOUR)
        return inside and (self.parts is None or part in self.parts)


def terms_of(ids: dict[str, str]) -> Terms:
    parts = set(ids["content"].split(",")) if "content" in ids else None
    first, last = (midnight(ids[name]) if ids.get(name) else None for name in ("since", "until"))
    return Terms(parts, first, None if last is None else last + DAY)


def midnight(day: str) -> int:
    return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=timezone.utc).timestamp() * 1000)


def root_from_path(leaf: bytes, index: object, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2; exactly the one path that the RFC defines."""
    if type(index) is not int or not 0 <= index < size or any(len(node) != 32 for node in path):
        raise Bad("entry.proof")
    inner = (index ^ (size - 1)).bit_length()
    if len(path) != inner + bin(index >> inner).count("1"):
        raise Bad("entry.proof")
    for level, sibling in enumerate(path):
        pair = sibling + leaf if level >= inner or index >> level & 1 else leaf + sibling
        leaf = hashlib.sha256(b"\x01" + pair).digest()
    return leaf


def check_consistency(old: Tree, new: Tree, path: list[bytes]) -> None:
    """RFC 9162 section 2.1.4.2: the newer tree begins with the older one, or Bad."""
    if not 0 < old.size <= new.size or any(len(node) != 32 for node in path):
        raise Bad("anchor.bad")
    if old.size == new.size:
        if path or old.root != new.root:
            raise Bad("anchor.bad")
        return
    shift = (old.size & -old.size).bit_length() - 1
    inner = ((old.size - 1) ^ (new.size - 1)).bit_length() - shift
    border = bin(old.size - 1 >> inner + shift).count("1")
    whole = old.size == 1 << shift
    if len(path) != inner + border + (not whole):
        raise Bad("anchor.bad")
    older = newer = old.root if whole else path[0]
    for level, sibling in enumerate(path if whole else path[1:]):
        if level >= inner or old.size - 1 >> shift + level & 1:
            older = hashlib.sha256(b"\x01" + sibling + older).digest()
            newer = hashlib.sha256(b"\x01" + sibling + newer).digest()
        else:
            newer = hashlib.sha256(b"\x01" + newer + sibling).digest()
    if (older, newer) != (old.root, new.root):
        raise Bad("anchor.bad")


def strict_json(text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise Bad("malformed", "a JSON member occurs twice")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Bad("malformed", "JSON") from None


def canonical(body: Any) -> str:
    """RFC 8785 for what a leaf holds: ASCII member names, strings, and integers."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def leaf_body(text: str) -> dict[str, Any]:
    body = strict_json(text)
    if not isinstance(body, dict) or set(body) != MEMBERS or body["v"] != 1 or canonical(body) != text:
        raise Bad("entry.form")
    numbers = type(body["seq"]) is int and type(body["at"]) is int
    if not numbers or not isinstance(body["ids"], dict) or not isinstance(body["kind"], str):
        raise Bad("entry.form")
    return body


def check_entry(row: Any, chain: str, seq: int, head: bytes, tree: Tree) -> tuple[Leaf, bytes]:
    """Check one line of a chain file; return the leaf and its hash."""
    if not isinstance(row, dict) or set(row) != {"seq", "leaf", "index", "proof"} or not isinstance(row["leaf"], str):
        raise Bad("entry.form")
    body = leaf_body(row["leaf"])
    if body["seq"] != seq or row["seq"] != seq:
        raise Bad("entry.gap")
    if body["chain"] != chain or body["prev"] != head.hex():
        raise Bad("entry.link")
    digest = hashlib.sha256(b"\x00" + row["leaf"].encode()).digest()
    if row["index"] is None and row["proof"] is None:
        return Leaf(body, None), digest
    if not isinstance(row["proof"], list):
        raise Bad("entry.proof")
    if root_from_path(digest, row["index"], tree.size, [decode64(node) for node in row["proof"]]) != tree.root:
        raise Bad("entry.proof")
    return Leaf(body, row["index"]), digest


# --- Time stamps (RFC 3161 in CMS, RFC 5652) -------------------------------------------------------------------------

SHA_2: dict[str, Any] = {
    "608648016503040201": hashes.SHA256,
    "608648016503040202": hashes.SHA384,
    "608648016503040203": hashes.SHA512,
}
SIGNED_DATA, TST_INFO = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010903", "2a864886f70d010904"
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = "2a864886f70d010910020c", "2a864886f70d010910022f"
SEQUENCE, SET, OID, INTEGER, OCTETS, GENERALIZED, CONTEXT_0 = 0x30, 0x31, 0x06, 0x02, 0x04, 0x18, 0xA0


class Der(NamedTuple):
    """One element; `whole` is it as it stands."""

    tag: int
    body: bytes
    whole: bytes

    def parts(self, *tags: int) -> list[Der]:
        """What is inside, which must begin with elements of these tags."""
        found = list(elements(self.body))
        if tuple(part.tag for part in found[: len(tags)]) != tags:
            raise Bad("stamp.bad", "its form")
        return found


def elements(data: bytes) -> Iterator[Der]:
    """The DER elements that `data` consists of; only lengths in their shortest form."""
    place = 0
    while place < len(data):
        head = data[place : place + 2]
        if len(head) < 2 or head[0] & 0x1F == 0x1F or head[1] in {0x80, 0xFF}:
            raise Bad("stamp.bad", "its form")
        size, start = head[1], place + 2
        if size > 0x80:
            digits = data[start : start + size - 0x80]
            start, size = start + len(digits), int.from_bytes(digits, "big")
            if len(digits) > 4 or size < 0x80 or not digits[0]:
                raise Bad("stamp.bad", "its form")
        if start + size > len(data):
            raise Bad("stamp.bad", "its form")
        yield Der(head[0], data[start : start + size], data[place : start + size])
        place = start + size


class Stamp(NamedTuple):
    """What a response says, nothing of it proven yet but that it is of the message."""

    at: datetime
    info: bytes
    signer: Der
    certificates: list[x509.Certificate]


def read_stamp(response: bytes, message: bytes) -> Stamp:
    """The stamp of `message`, or Bad."""
    (outer,) = elements(response)
    status, token = outer.parts(SEQUENCE, SEQUENCE)[:2]
    if int.from_bytes(status.parts(INTEGER)[0].body, "big") not in {0, 1}:
        raise Bad("stamp.bad", "it was not granted")
    kind, wrapped = token.parts(OID, CONTEXT_0)[:2]
    (signed_data,) = wrapped.parts(SEQUENCE)
    _, _, content, *rest = signed_data.parts(INTEGER, SET, SEQUENCE)
    inner, holder = content.parts(OID, CONTEXT_0)[:2]
    if (kind.body.hex(), inner.body.hex()) != (SIGNED_DATA, TST_INFO):
        raise Bad("stamp.bad", "its form")
    info = holder.parts(OCTETS)[0].body
    (tst,) = elements(info)
    _, _, imprint, _, at = tst.parts(INTEGER, OID, SEQUENCE, INTEGER, GENERALIZED)[:5]
    algorithm, stamped = imprint.parts(SEQUENCE, OCTETS)[:2]
    if digest_of(algorithm, message) != stamped.body:
        raise Bad("stamp.bad", "it is of another message")
    inside = [
        x509.load_der_x509_certificate(one.whole) for part in rest if part.tag == CONTEXT_0 for one in elements(part.body)
    ]
    (signer,) = [one for part in rest if part.tag == SET for one in elements(part.body)]
    time = at.body.decode("ascii").rstrip("Z").split(".")[0]
    return Stamp(datetime.strptime(time, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc), info, signer, inside)


def digest_of(algorithm: Der, data: bytes) -> bytes:
    return hashlib.new(hash_of(algorithm).name, data).digest()


def hash_of(algorithm: Der) -> hashes.HashAlgorithm:
    found = SHA_2.get(algorithm.parts(OID)[0].body.hex())
    if found is None:
        raise Bad("stamp.bad", "its hash is not of SHA-2")
    algorithm_of: hashes.HashAlgorithm = found()
    return algorithm_of


def check_stamp(stamp: Stamp, trusted: tuple[x509.Certificate, ...]) -> str:
    """The name of the authority that one of the certificates vouches for, or Bad."""
    _, who, algorithm, attributes, _, signature = stamp.signer.parts(INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0, SEQUENCE, OCTETS)[
        :6
    ]
    issuer, serial = who.parts(SEQUENCE, INTEGER)[:2]
    number = int.from_bytes(serial.body, "big")
    signers = [
        one
        for one in (*trusted, *stamp.certificates)
        if one.serial_number == number and one.issuer.public_bytes() == issuer.whole
    ]
    if not signers:
        raise Bad("stamp.bad", "its certificate is missing")
    said = {pair[0].body.hex(): pair[1].body for pair in (one.parts(OID, SET) for one in elements(attributes.body))}
    signers = [one for one in signers if is_named(one, said)]
    if not signers:
        raise Bad("stamp.bad", "its certificate is not the one that was signed for")
    (kind,), (digest,) = elements(said[CONTENT_TYPE]), elements(said[MESSAGE_DIGEST])
    if kind.body.hex() != TST_INFO or digest.body != digest_of(algorithm, stamp.info):
        raise Bad("stamp.bad", "what was signed is something else")
    # As a SET, and not with the tag under which it stands in the message (RFC 5652, section 5.4).
    if not signature_fits(signers[0], signature.body, b"\x31" + attributes.whole[1:], hash_of(algorithm)):
        raise Bad("stamp.bad", "its signature")
    check_certificate(signers[0], stamp, trusted)
    return signers[0].subject.rfc4514_string()


def is_named(certificate: x509.Certificate, said: dict[str, bytes]) -> bool:
    """Whether the signer signed for this very certificate (RFC 2634 section 5.4, RFC 5035 section 3): its hash stands first."""
    for oid, algorithm in ((SIGNING_CERTIFICATE_V2, hashes.SHA256), (SIGNING_CERTIFICATE, hashes.SHA1)):
        if oid not in said:
            continue
        (names,) = elements(said[oid])
        first = names.parts(SEQUENCE)[0].parts(SEQUENCE)[0]
        inside = list(elements(first.body))
        used = hash_of(inside.pop(0)) if inside and inside[0].tag == SEQUENCE else algorithm()
        if not inside or (inside[0].tag, inside[0].body) != (OCTETS, certificate.fingerprint(used)):
            return False
    return SIGNING_CERTIFICATE in said or SIGNING_CERTIFICATE_V2 in said


def signature_fits(signer: x509.Certificate, signature: bytes, signed_bytes: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = signer.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed_bytes, ec.ECDSA(algorithm))
        else:
            raise Bad("stamp.bad", "its kind of key")
    except InvalidSignature:
        return False
    return True


def check_certificate(signer: x509.Certificate, stamp: Stamp, trusted: tuple[x509.Certificate, ...]) -> None:
    """A certificate for stamping, valid then, given by the reader or issued under one that is; at most three steps up."""
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:  # RFC 3161 section 2.3
        raise Bad("stamp.bad", "its certificate is for something else")
    steps = [signer]
    for _ in range(4):
        at = steps[-1]
        if not at.not_valid_before_utc <= stamp.at <= at.not_valid_after_utc:
            raise Bad("stamp.bad", "a certificate was not valid then")
        if at in trusted:
            return
        above = [one for one in (*trusted, *stamp.certificates) if one not in steps and is_authority(one) and issued(at, one)]
        if not above:
            break
        steps.append(above[0])
    raise Bad("stamp.bad", "no certificate that was given vouches for it")


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


# --- Sealed content --------------------------------------------------------------------------------------------------

CHUNK = 16_384
CHUNKED = b"c2sp.org/chunked-encryption@v1+"


def field(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def bound(context: dict[str, Any], deployment: str, epoch: int, suite: bytes = b"\x01") -> bytes:
    """What a blob is bound to: every field behind its length."""
    sender = b"" if context["sender"] is None else uuid.UUID(context["sender"]).bytes
    parts = (
        b"xinqiao/seal/v1",
        suite,
        uuid.UUID(deployment).bytes,
        context["kind"].encode(),
        uuid.UUID(context["scope"]).bytes,
        context["seq"].to_bytes(8, "big"),
        sender,
        context["client_id"].encode(),
        context["content_type"].encode(),
        epoch.to_bytes(4, "big"),
    )
    return b"".join(field(part) for part in parts)


def aes_gcm(key: bytes, nonce: bytes, chunk: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, chunk, None)


def sm4_gcm(key: bytes, nonce: bytes, chunk: bytes) -> bytes:
    opener = Cipher(algorithms.SM4(key), modes.GCM(nonce, chunk[-16:])).decryptor()
    return opener.update(chunk[:-16]) + opener.finalize()


# By suite byte: the cipher's name in the key derivation, its key length, the hash, what opens a chunk.
SUITES: dict[bytes, tuple[bytes, int, Any, Any]] = {
    b"\x01": (b"AEAD_AES_256_GCM", 32, hashes.SHA512, aes_gcm),  # Cobblestone-256
    b"\x02": (b"AEAD_SM4_GCM", 16, hashes.SM3, sm4_gcm),  # the same construction, with the Chinese standards
    b"\x11": (b"AEAD_AES_256_GCM", 32, hashes.SHA512, aes_gcm),  # the same two, under a key of the blob's own
    b"\x12": (b"AEAD_SM4_GCM", 16, hashes.SM3, sm4_gcm),
}


def open_blob(blob: bytes, secret: bytes, context: bytes) -> bytes:
    """C2SP chunked-encryption behind a suite byte. The commitment fixes the key: no second key opens the same bytes to other words."""
    if blob[:1] not in SUITES or len(blob) < 1 + 24 + 32 + 16:
        raise Bad("content.broken")
    name, size, hash_, open_chunk = SUITES[blob[:1]]
    salt, commitment, rest = blob[1:25], blob[25:57], blob[57:]
    try:
        derived = HKDFExpand(hash_(), size + 44, CHUNKED + name + b"\0" + salt + context).derive(secret)
    except UnsupportedAlgorithm:
        raise Bad("content.suite") from None
    if not hmac.compare_digest(derived[size + 12 :], commitment):
        raise Bad("content.broken")
    base, plain = int.from_bytes(derived[size : size + 12], "big"), []
    for number in range(len(rest) // (CHUNK + 16) + 1):
        chunk = rest[number * (CHUNK + 16) : (number + 1) * (CHUNK + 16)]
        try:
            plain.append(open_chunk(derived[:size], (base ^ number).to_bytes(12, "big"), chunk))
        except (InvalidTag, ValueError):
            raise Bad("content.broken") from None
        except UnsupportedAlgorithm:
            raise Bad("content.suite") from None
    return b"".join(plain)


class Asked(NamedTuple):
    """What else the reader wants to know: the code of a printed page, the witnesses they trust, the words themselves."""

    code: str | None = None
    witnesses: tuple[Key, ...] = ()
    authorities: tuple[x509.Certificate, ...] = ()
    show: bool = False


class Verifier:
    """One run over one pack. `findings` says of every item what is proven; a Bad stops its item, never the run."""

    def __init__(self, pack: Container, given: Key | None, asked: Asked) -> None:
        self.pack, self.given, self.asked = pack, given, asked
        self.findings: list[Finding] = []
        self.leaves: dict[tuple[str, int], Leaf] = {}
        self.used: set[tuple[str, int]] = set()
        self.opened: set[tuple[str, int]] = set()
        self.keys: dict[str, dict[str, Any]] = {}  # by file; up to format 2 data keys, by id
        self.case: dict[str, Any] = {}
        self.roles: dict[str | None, str | None] = {}  # chain of what was said in a case or beside it -> the case, as stated
        self.plain: list[tuple[int, str]] = []
        self.stones: list[dict[str, Any]] = []  # the bodies of proven tombstones
        self.listed: set[tuple[str, int]] = set()  # the readings that data/access.jsonl names
        self.told: set[int] = set()  # those of them that account for something
        self.carried: dict[tuple[str, int, str], str] = {}  # (chain, seq, attachment) -> its manifest, as the message states it
        # Of the ledger, how many entries each witness that was asked for signed, and a given authority stamped.
        self.cosigned: dict[Key, int] = dict.fromkeys(asked.witnesses, 0)
        self.stamped = 0

    def run(self) -> int:
        key = self._key()
        self._check_manifests()
        if key is not None:
            self._guard("seal", self._check_seal, key)
            self._guard("data/case.json", self._read_case)
            tree = self._guard("data/checkpoint", self._check_checkpoint, key)
            if self.case and tree is not None:
                self._guard("code", self._check_code, tree)
                self._check_case(tree)
        return self._verdict()

    def say(self, mark: str, item: str, code: str, *values: object) -> None:
        self.findings.append(Finding(mark, item, code, values))

    def _guard(self, item: str, check: Any, *arguments: Any) -> Any:
        """Run one check; what it finds wrong is a finding about `item`, whatever a malformed pack makes it stumble over."""
        try:
            return check(*arguments)
        except Bad as bad:
            self.say("no", item, bad.code, *bad.values)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            self.say("no", item, "malformed", "?")
        return None

    def _check_case(self, tree: Tree) -> None:
        self._guard("data/keys.jsonl", self._read_keys)
        for chain in self.case["chains"]:
            self._guard(f"chain {chain.get('role')} {chain.get('id')}", self._check_chain, chain, tree)
        for name, check in (
            ("contents", self._check_content),
            ("recordings", self._check_recording),
            ("attachments", self._check_attachment),
            ("access", self._check_access),
        ):
            for row in self._guard(f"data/{name}.jsonl", self._rows, f"data/{name}.jsonl") or ():
                self._guard(f"{name} {row.get('chain')}#{row.get('seq')}", check, row)
        self._note_unlisted()
        self._guard("data/tombstones.jsonl", self._read_tombstones, tree)
        self._guard("data/quality.jsonl", self._read_quality, tree)
        self._note_withheld()
        for case in self.case["cases"]:
            self._guard(f"case {case.get('number')} {case.get('id')}", self._check_end, case)
        if len(self.case["cases"]) > 1:
            self.say("--", "cases", "scope", len(self.case["cases"]))
        for row in self._guard("data/anchors.jsonl", self._anchors) or ():
            self._guard(f"checkpoint of {row.get('size')}", self._check_anchor, row, tree)
        self._note_coverage()
        if not any(finding.code.startswith("witness") for finding in self.findings):
            self.say("--", "witnesses", "witness.none")
        self.say("--", "people", "names")
        self.say("--", "time", "clock")

    def _verdict(self) -> int:
        marks = {finding.mark for finding in self.findings}
        if "no" in marks or not marks:
            return MISMATCH
        return INCOMPLETE if (UNDECIDED | PARTLY_VOUCHED) & {finding.code for finding in self.findings} else COMPLETE

    # --- the bag

    def _key(self) -> Key | None:
        inside: Key | None = self._guard("data/log.pub", lambda: parse_key(self.pack.text("data/log.pub", MAX_NOTE)))
        if self.given is None:
            if inside is not None:
                self.say("--", "data/log.pub", "key.unchecked", self.pack.text("data/log.pub", MAX_NOTE).strip())
            return inside
        if inside != self.given:
            self.say("no", "data/log.pub", "key.other")
        return self.given

    def _check_manifests(self) -> None:
        members = self.pack.members
        tags = {"tagmanifest-sha256.txt", "seal"}
        listed, tagged = (self._guard(name, self._manifest, name) for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"))
        if listed is None or tagged is None:
            return
        for name, member in members.items():
            expected = (listed if name.startswith("data/") else tagged).get(name)
            if expected is None and name not in tags:
                self.say("no", name, "file.extra")
            elif not member.intact or (expected is not None and expected != member.sha256):
                self.say("no", name, "file.changed")
        for name in sorted({*listed, *tagged, *tags} - set(members)):
            self.say("no", name, "file.missing")

    def _manifest(self, name: str) -> dict[str, str]:
        listed = {}
        for line in self.pack.text(name).split("\n")[:-1]:
            match = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
            if not match:
                raise Bad("malformed", "?")
            listed[match.group(2)] = match.group(1)
        return listed

    def _check_seal(self, key: Key) -> None:
        sealed = self.pack.members["tagmanifest-sha256.txt"].sha256
        try:
            text = verified_text(self.pack.text("seal", MAX_NOTE), key)
        except Bad:
            raise Bad("seal.bad") from None
        if text != f"xinqiao/evidence-pack/v1\n{sealed}\n":
            raise Bad("seal.bad")
        self.say("ok", "seal", "seal", len(self.pack.members))

    def _check_checkpoint(self, key: Key) -> Tree:
        try:
            tree = parse_checkpoint(self.pack.text("data/checkpoint", MAX_NOTE), key)
        except Bad as bad:
            raise Bad("checkpoint.bad", *bad.values) from None
        self.say("ok", "data/checkpoint", "checkpoint", tree.size)
        self._guard("witnesses", self._check_witnesses, self.pack.text("data/checkpoint", MAX_NOTE), tree.size)
        return tree

    def _check_witnesses(self, note: str, size: int) -> None:
        """Proven is what a witness signed whose key the reader brought; whoever makes a pack can put any key inside."""
        inside = self.pack.text("data/witnesses", MAX_NOTE).split() if "data/witnesses" in self.pack.members else []
        stated = [key for key in (parse_key(line, COSIGNATURE) for line in inside) if key not in self.asked.witnesses]
        for witness in (*self.asked.witnesses, *stated):
            self._guard(f"witness {witness.name}, {size}", self._check_witness, witness, note, size)

    def _check_witness(self, witness: Key, note: str, size: int) -> None:
        at, trusted, item = cosigned_at(note, witness), witness in self.asked.witnesses, f"witness {witness.name}, {size}"
        if at is None:
            self.say("--", item, "witness.absent")
        elif trusted:
            self.cosigned[witness] = max(self.cosigned[witness], size)
            self.say("ok", item, "witness", when(at * 1000))
        else:
            self.say("--", item, "witness.unchecked")

    def _anchors(self) -> list[dict[str, Any]]:
        """Older trees that somebody outside vouched for; packs without any have no such file."""
        return self._rows("data/anchors.jsonl") if "data/anchors.jsonl" in self.pack.members else []

    def _check_anchor(self, row: dict[str, Any], tree: Tree) -> None:
        key = self.given or parse_key(self.pack.text("data/log.pub", MAX_NOTE))
        try:
            older = parse_checkpoint(row["checkpoint"], key)
        except Bad as bad:
            raise Bad("checkpoint.bad", *bad.values) from None
        check_consistency(older, tree, [decode64(node) for node in row["proof"]])
        if older.size != row["size"]:
            raise Bad("anchor.bad")
        item = f"checkpoint of {older.size}"
        self.say("ok", item, "anchor", older.size)
        if older != tree:
            self._check_witnesses(row["checkpoint"], older.size)
        if row["stamp"] is not None:
            self._guard(f"time stamp, {older.size}", self._check_stamp, decode64(row["stamp"]), row["checkpoint"], older)

    def _check_stamp(self, response: bytes, note: str, tree: Tree) -> None:
        """What was stamped is the note as the log signed it, before any witness did."""
        text, first = note.rpartition("\n\n")[0], note.rpartition("\n\n")[2].split("\n")[0]
        stamp = read_stamp(response, f"{text}\n\n{first}\n".encode())
        at, item = when(int(stamp.at.timestamp() * 1000)), f"time stamp, {tree.size}"
        if not self.asked.authorities:
            self.say("--", item, "stamp.unchecked", at)
            return
        try:
            name = check_stamp(stamp, self.asked.authorities)
        except (x509.ExtensionNotFound, x509.DuplicateExtension, UnsupportedAlgorithm):
            raise Bad("stamp.bad", "its certificate") from None
        self.stamped = max(self.stamped, tree.size)
        self.say("ok", item, "stamp", at, name, tree.size, len(self.leaves) - len(self._beyond(tree.size)), len(self.leaves))

    def _beyond(self, size: int) -> list[str]:
        """The entries of the pack that are not among the first `size` of the ledger."""
        return [f"{chain}#{seq}" for (chain, seq), leaf in self.leaves.items() if leaf.place is None or leaf.place >= size]

    def _note_coverage(self) -> None:
        """What the reader asked for vouches for every entry, or it is said for how many: an old tree may hide a later fork."""
        total = len(self.leaves)
        for witness, size in self.cosigned.items():
            beyond, item = self._beyond(size), f"witness {witness.name}"
            if beyond:
                self.say("--", item, "witness.partly", total - len(beyond), total, beyond[0])
            else:
                self.say("ok", item, "witness.covers", total)
        beyond = self._beyond(self.stamped)
        if self.asked.authorities and beyond:
            self.say("--", "time stamp", "stamp.partly", total - len(beyond), total, beyond[0])

    def _check_code(self, tree: Tree) -> None:
        """The code of a printed page names the pack, all its files under data/, and the ledger."""
        if self.asked.code is None:
            return
        manifest = self.pack.members["manifest-sha256.txt"].sha256
        code = f"XINQIAO-PACK:1:{uuid.UUID(self.case['pack']).hex}:{manifest}:{tree.size}:{tree.root.hex()}".upper()
        short = base64.b32encode(hashlib.sha256(code.encode()).digest()[:15]).decode()
        given = "".join(self.asked.code.split()).upper()
        if given != code and given.replace("-", "") != short:
            raise Bad("code.other")
        self.say("ok", "code", "code")

    def _rows(self, name: str) -> list[dict[str, Any]]:
        rows = [strict_json(line) for line in self.pack.text(name).split("\n") if line]
        if not all(isinstance(row, dict) for row in rows):
            raise Bad("malformed", name)
        return rows

    def _read_case(self) -> None:
        case = strict_json(self.pack.text("data/case.json"))
        if case["format"] == 1:  # packs of one consultation, before there were others
            case["cases"] = [{"id": case["case"], "number": case["number"]}]
        cases = [str(uuid.UUID(one["id"])) for one in case["cases"]]
        chains = [str(uuid.UUID(chain["id"])) for chain in case["chains"] if chain["role"] == "case"]
        if case["format"] not in {1, 2, 3} or not cases or len(set(cases)) != len(cases) or sorted(cases) != sorted(chains):
            raise Bad("malformed", "case.json")
        self.case = case
        self.roles = {chain["id"]: chain.get("case") for chain in case["chains"] if chain["role"] in {"case", "side"}}

    def _read_keys(self) -> None:
        for row in self._rows("data/keys.jsonl"):
            secret, name = decode64(row["secret"]), row["id" if self.case["format"] < 3 else "file"]
            if len(secret) != 32 or name in self.keys:
                raise Bad("malformed", "key")
            self.keys[name] = {"secret": secret, "epoch": row["epoch"]}
            if self.case["format"] >= 3 and name not in self.pack.members:
                self.say("no", f"key {name}", "content.key")

    def _key_of(self, row: dict[str, Any], name: str) -> dict[str, Any] | None:
        """What opens the file `name` of this row, if it is in the pack."""
        return self.keys.get(row["key"] if self.case["format"] < 3 else name)

    # --- the evidence

    def _check_chain(self, chain: dict[str, Any], tree: Tree) -> None:
        rows = self._rows(f"data/chains/{uuid.UUID(chain['id']).hex}.jsonl")
        head, waiting, closed = bytes(32), 0, False
        for number, row in enumerate(rows, 1):
            try:
                leaf, head = check_entry(row, chain["id"], number, head, tree)
            except Bad as bad:
                self.say("no", f"entry {chain['id']}#{number}", bad.code, *bad.values)
                return
            self.leaves[chain["id"], number] = leaf
            waiting += not leaf.proven
            if leaf.body["kind"] == CLOSED and closed:
                self.say("no", f"entry {chain['id']}#{number}", "entry.closed_twice")
            closed = leaf.body["kind"] == CLOSED or (closed and leaf.body["kind"] != REOPENED)
        if len(rows) != chain["entries"]:
            raise Bad("chain.count", chain["entries"], len(rows))
        item = f"chain {chain['role']} {chain['id']}"
        if waiting:
            self.say("--", item, "chain.waiting", waiting)
        else:
            self.say("ok", item, "chain", len(rows))

    def _claim(self, row: dict[str, Any]) -> Leaf:
        """The leaf whose content this is."""
        place = (row["chain"], row["seq"])
        if place not in self.leaves:
            raise Bad("content.entry")
        if place in self.used:
            raise Bad("content.twice")
        self.used.add(place)
        return self.leaves[place]

    def _check_content(self, row: dict[str, Any]) -> None:
        leaf, member, item = self._claim(row), self.pack.members.get(row["file"]), f"content {row['chain']}#{row['seq']}"
        if member is None or member.sha256 != leaf.body["content"]:
            raise Bad("content.changed")
        context = row["context"]
        own = (context["scope"], context["seq"], context["sender"]) == (row["chain"], row["seq"], leaf.body["actor"])
        if (
            context["kind"] == leaf.body["kind"] and not own
        ):  # an event is sealed for its own entry; a transcript for its version
            raise Bad("content.place")
        key = self._key_of(row, row["file"])
        if key is None:
            self.say("ok", item, "content")
            return
        plain = self._open(row["file"], key, context)
        self.opened.add((row["chain"], row["seq"]))
        self.say("ok", item, "content.opened")
        if leaf.body["kind"] == POSTED:
            self._note_carried(row, plain)
        if self.asked.show:
            self.plain.append(
                (
                    row["seq"],
                    f"{when(leaf.body['at'])} {leaf.body['kind']} {leaf.body['actor']} {plain.decode('utf-8', 'replace')}",
                )
            )

    def _note_carried(self, row: dict[str, Any], plain: bytes) -> None:
        try:
            said = strict_json(plain.decode())
        except (Bad, ValueError):
            return  # words that are no message's body carry nothing
        for attachment in said.get("attachments", ()) if isinstance(said, dict) else ():
            self.carried[row["chain"], row["seq"], attachment["id"]] = attachment["sha256"]

    def _check_recording(self, row: dict[str, Any]) -> None:
        leaf = self._claim(row)
        if hashlib.sha256(self._manifest_of(row, "recording.changed")).hexdigest() != leaf.body["content"]:
            raise Bad("recording.changed")
        self._open_segments(row, "recording.changed")
        self.say("ok", f"recording {row['id']}", "recording", len(row["segments"]))

    def _check_attachment(self, row: dict[str, Any]) -> None:
        """The message is proven by its leaf, and states in its own words which sealed bytes it carried."""
        place, item = (row["chain"], row["seq"]), f"attachment {row['id']}"
        if place not in self.leaves:
            raise Bad("content.entry")
        manifest = self._manifest_of(row, "attachment.changed").hex()
        self._open_segments(row, "attachment.changed")
        stated = self.carried.pop((*place, row["id"]), None)
        if stated is None and place not in self.opened:
            self.say("--", item, "attachment.unopened")
            return
        if stated != manifest:
            raise Bad("attachment.other")
        self.say("ok", item, "attachment")

    def _manifest_of(self, row: dict[str, Any], problem: str) -> bytes:
        manifest = hashlib.sha256(b"xinqiao/manifest/v1\x00")
        for segment in row["segments"]:
            member = self.pack.members.get(segment["file"])
            if member is None:
                raise Bad(problem)
            manifest.update(bytes.fromhex(member.sha256) + segment["size"].to_bytes(8, "big"))
        manifest.update(len(row["segments"]).to_bytes(8, "big"))
        return manifest.digest()

    def _open_segments(self, row: dict[str, Any], problem: str) -> None:
        for segment in row["segments"]:
            key = self._key_of(row, segment["file"])
            if key is not None and len(self._open(segment["file"], key, segment["context"])) != segment["size"]:
                raise Bad(problem)

    def _open(self, name: str, key: dict[str, Any], context: dict[str, Any]) -> bytes:
        if self.pack.members[name].size > MAX_BLOB:
            raise Bad("malformed", "too long")
        blob = self.pack.content(name)
        return open_blob(blob, key["secret"], bound(context, self.case["deployment"], key["epoch"], blob[:1]))

    def _check_access(self, row: dict[str, Any]) -> None:
        item = f"access {when(row['at'])} {row['who']}"
        if row["chain"] is None:
            self.say("--", item, "access.stated")
            return
        place = (row["chain"], row["seq"])
        leaf = self.leaves.get(place)
        names = {person["id"]: person["name"] for person in self.case["people"]}
        if leaf is None or place in self.listed:
            raise Bad("access.wrong")
        said = (leaf.body["kind"], leaf.body["at"], names.get(leaf.body["actor"]))
        if said != (READ, row["at"], row["who"]):
            raise Bad("access.wrong")
        self.listed.add(place)
        self.say(
            "ok" if leaf.proven else "--", item, "access" if leaf.proven else "access.stated", leaf.body["ids"].get("what")
        )

    def _note_unlisted(self) -> None:
        """Every reading that the grants' chains hold is in the list for human eyes."""
        for place, leaf in self.leaves.items():
            if leaf.body["kind"] == READ and place not in self.listed:
                item = f"access {when(leaf.body['at'])} {leaf.body['actor']} {place[0]}#{place[1]}"
                self.say("no", item, "access.unlisted")

    def _note_withheld(self) -> None:
        for chain, seq, attachment in self.carried:
            outside = self._excluded(self._case_of(chain), "attachments", self.leaves[chain, seq].body["at"])
            self.say("--", f"attachment {attachment}", "attachment.withheld" if outside else "attachment.left_out")
        recorded = [leaf.body["ids"] for leaf in self.leaves.values() if leaf.body["kind"] == RECORDED]
        threads = {ids["recording"]: ids.get("thread", ids.get("case")) for ids in recorded if "recording" in ids}
        for (chain, seq), leaf in self.leaves.items():
            if leaf.body["content"] is None or (chain, seq) in self.used:
                continue
            stone, item = self._stone_of(leaf.body), f"content {chain}#{seq}"
            if stone is None:
                self.say("--", item, self._why_withheld(chain, leaf.body, threads))
            else:
                ids = stone["ids"]
                self.say("ok", item, reason(stone), stone["seq"], when(stone["at"]), ids["class"], ids["why"])
        for stone in self.stones:
            if stone["seq"] not in self.told:
                self.say("no", f"tombstone #{stone['seq']}", "tombstone.other")

    def _why_withheld(self, chain: str, body: dict[str, Any], threads: dict[str, str | None]) -> str:
        """`threads`: of each recording the chain in which it was made or which it follows, where its entry says so."""
        kind, recording, cases = body["kind"], body["ids"].get("recording"), {case["id"] for case in self.case["cases"]}
        if kind.startswith("grant."):
            return "content.grants"
        case, part = self._case_of(chain), "conversation" if chain in cases else "discussion"
        if chain not in self.roles and kind.startswith(("recording.", "transcript.")):
            thread = threads.get(recording or "")
            if thread is not None and thread not in self.roles:
                return "content.withheld"  # of a consultation, or a discussion, that is not in the pack
            case, part = self._case_of(thread), "recordings" if kind.startswith("recording.") else "transcripts"
        outside = kind.startswith(OF_CHART) or self._excluded(case, part, body["at"])
        return "content.withheld" if outside else "content.left_out"

    def _case_of(self, chain: str | None) -> str | None:
        """The case that a chain belongs to, None where that is not known."""
        cases = [case["id"] for case in self.case["cases"]]
        stated = chain if chain in cases else self.roles.get(chain)
        return stated or (cases[0] if len(cases) == 1 else None)

    def _excluded(self, case: str | None, part: str, at: int) -> bool:
        """Whether a grant in the pack is over this case (over any, where it is not known), and none of these reaches it."""
        found = [terms for id_, terms in self._agreed() if case in {None, id_}]
        return bool(found) and not any(terms.reach(part, at) for terms in found)

    def _agreed(self) -> Iterator[tuple[str, Terms]]:
        """The cases of the pack with the terms of the grants that it was made under: of all grants, where it does not say which."""
        named = {case["id"]: case.get("grant") for case in self.case["cases"]}
        for (chain, _), leaf in self.leaves.items():
            ids, case = leaf.body["ids"], leaf.body["ids"].get("case")
            if leaf.body["kind"] not in AGREED or not leaf.proven or ids.get("state") != "approved" or case not in named:
                continue
            if named[case] in {None, chain}:
                yield case, terms_of(ids)

    def _read_tombstones(self, tree: Tree) -> None:
        """What was destroyed by right; packs of which nothing was have no such file."""
        for row in self._rows("data/tombstones.jsonl") if "data/tombstones.jsonl" in self.pack.members else ():
            self._guard(f"tombstone #{row.get('seq')}", self._check_tombstone, row, tree)

    def _read_quality(self, tree: Tree) -> None:
        """What quality review found in these cases; packs that were asked for without it have no such file."""
        seen: set[tuple[str, int]] = set()
        for row in self._rows("data/quality.jsonl") if "data/quality.jsonl" in self.pack.members else ():
            self._guard(f"quality #{row.get('seq')}", self._check_quality, row, tree, seen)

    def _check_quality(self, row: dict[str, Any], tree: Tree, seen: set[tuple[str, int]]) -> None:
        """One entry of a sample's chain, proven by itself: the entries between are about other cases. Its notes are not in the pack."""
        body = leaf_body(row["leaf"])
        ids = body["ids"]
        if body["kind"] not in VERDICT_KINDS or body["seq"] != row["seq"] or not {"case", "findings", "verdict"} <= set(ids):
            raise Bad("quality.form")
        if ids["case"] not in {case["id"] for case in self.case["cases"]}:
            raise Bad("quality.form")
        self._proven(row, tree)
        if (body["chain"], body["seq"]) in seen:
            raise Bad("content.twice")
        seen.add((body["chain"], body["seq"]))
        item = f"{body['kind']} {body['chain']}#{body['seq']} case {ids['case']}"
        self.say("ok", item, "quality", ids["verdict"], ids["findings"] or "-")

    def _proven(self, row: dict[str, Any], tree: Tree) -> None:
        """Raise Bad unless the leaf of this row is in the signed ledger."""
        digest = hashlib.sha256(b"\x00" + row["leaf"].encode()).digest()
        path = [decode64(node) for node in row["proof"] or ()]
        if root_from_path(digest, row["index"], tree.size, path) != tree.root:
            raise Bad("entry.proof")

    def _check_tombstone(self, row: dict[str, Any], tree: Tree) -> None:
        """One entry of the chain of retention, proven by itself: the acts between are other people's."""
        body = leaf_body(row["leaf"])
        if (body["chain"], body["kind"], body["seq"]) != (RETENTION, SHREDDED, row["seq"]) or body["content"] is not None:
            raise Bad("tombstone.form")
        if not {"class", "key", "scope", "why"} <= set(body["ids"]) <= {"about", "class", "key", "scope", "why"}:
            raise Bad("tombstone.form")
        self._proven(row, tree)
        if body["seq"] in {stone["seq"] for stone in self.stones}:
            raise Bad("content.twice")
        self.stones.append(body)
        self.say("ok", f"tombstone #{body['seq']}", "tombstone")

    def _stone_of(self, leaf: dict[str, Any]) -> dict[str, Any] | None:
        """The tombstone of the key that this content was under, if it was destroyed after the entry was made."""
        for stone in self.stones:
            ids = stone["ids"]
            about = "about" not in ids or ids["about"] in canonical(leaf)
            if about and (ids["scope"], ids["class"]) == (leaf["chain"], class_of(leaf["kind"])) and leaf["at"] <= stone["at"]:
                self.told.add(stone["seq"])
                return stone
        return None

    def _check_end(self, case: dict[str, Any]) -> None:
        last = max((seq for chain, seq in self.leaves if chain == case["id"]), default=0)
        if not last:
            raise Bad("chain.count", "?", 0)
        closed = self.leaves[case["id"], last].body["kind"] == CLOSED
        item = f"case {case['number']} {case['id']}"
        self.say("ok" if closed else "--", item, "complete" if closed else "incomplete", last)


def class_of(kind: str) -> str:
    """How long the content of such an entry is kept: the name of its class."""
    return next((name for begins, name in CLASSES if kind.startswith(begins)), "dialogue")


def reason(stone: dict[str, Any]) -> str:
    why = stone["ids"]["why"]
    return f"shredded.{why}" if why in {"maximum", "replay"} else "shredded.request"


def when(at: int) -> str:
    """Milliseconds since 1970 as UTC, or as they stand where no calendar reaches."""
    try:
        return datetime.fromtimestamp(at / 1000, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return str(at)


def printable(text: str) -> str:
    """The text without characters that would act on a terminal or hide what stands there."""
    return "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else f"\\u{ord(c):04x}" for c in text)


def report(verifier: Verifier, code: int, language: str) -> Iterator[str]:
    marks = {"ok": "[ok]", "no": "[NO]", "--": "[--]"}
    for finding in verifier.findings:
        yield f"{marks[finding.mark]} {finding.words(language)}"
    for _, line in verifier.plain:
        yield f"     {printable(line)}"
    wrong = [finding for finding in verifier.findings if finding.mark == "no"]
    yield sentence(code, {finding.code for finding in verifier.findings})[0 if language == "zh" else 1].format(
        len(wrong), wrong[0].words(language) if wrong else ""
    )


def sentence(code: int, found: set[str]) -> tuple[str, str]:
    """The last line, in both languages."""
    if code == INCOMPLETE and "key.unchecked" in found:
        return NO_KEY
    return PARTLY if code == INCOMPLETE and not found & UNDECIDED else VERDICTS[code]


def verify(
    path: str,
    key_line: str | None,
    *,
    code: str | None = None,
    witnesses: Iterable[str] = (),
    authorities: bytes = b"",
    show: bool = False,
    language: str = "en",
) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print. Raises OSError when the file cannot be read."""
    with Path(path).open("rb") as file:
        try:
            given = parse_key(key_line) if key_line else None
            believed = tuple(x509.load_pem_x509_certificates(authorities)) if authorities else ()
            asked = Asked(code, tuple(parse_key(line, COSIGNATURE) for line in witnesses), believed, show)
            verifier = Verifier(Container(file), given, asked)
        except Bad as bad:
            words = Finding("no", Path(path).name, bad.code, bad.values).words(language)
            return MISMATCH, [f"[NO] {words}", VERDICTS[MISMATCH][0 if language == "zh" else 1].format(1, words)]
        verdict = verifier.run()
        return verdict, list(report(verifier, verdict, language))


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify a Xinqiao evidence pack, offline. 离线核验信桥证据包。")
    parser.add_argument("pack", help="the ZIP file, as received: do not unpack it")
    parser.add_argument("--key", help="the ledger's public key as the hospital publishes it: name+id+base64")
    parser.add_argument("--code", help="the code of a printed page: the text of its QR code, or the short code beside it")
    parser.add_argument("--witness", action="append", default=[], help="a witness's public key, as the witness publishes it")
    parser.add_argument("--authority", help="a file with the certificates of a time-stamping authority, in PEM")
    parser.add_argument("--show", action="store_true", help="print the words opened from the ciphertexts")
    parser.add_argument(
        "--language", choices=["zh", "en"], default="zh" if os.environ.get("LANG", "").startswith("zh") else "en"
    )
    options = parser.parse_args()
    try:
        code, lines = verify(
            options.pack,
            options.key,
            code=options.code,
            witnesses=options.witness,
            authorities=Path(options.authority).read_bytes() if options.authority else b"",
            show=options.show,
            language=options.language,
        )
    except OSError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
