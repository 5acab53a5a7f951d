"""Writes an evidence pack: a BagIt bag (RFC 8493) in one plain ZIP, sealed with the ledger's key.

    data/case.json              what the pack says it is
    data/checkpoint             the signed tree head (C2SP checkpoint), with the witnesses' co-signatures where there are any
    data/witnesses              the witnesses' public keys, as the hospital knows them
    data/anchors.jsonl          older trees that a witness or a time-stamping authority vouched for, each with its consistency proof
    data/tombstones.jsonl       leaves of the chain of retention, in the same form: what was destroyed by right, and is therefore not here
    data/quality.jsonl          leaves of the chains of samples, likewise: what quality review found in these cases
    data/log.pub                the log's public key (C2SP verifier key)
    data/chains/<id>.jsonl      a leaf a line: {"seq", "leaf": its canonical bytes as text, "index", "proof": [base64]}
    data/contents/<id>/<seq>    ciphertexts;   data/contents.jsonl says what each was sealed for
    data/media/<id>/<index>     sealed segments of recordings and attachments;   data/recordings.jsonl  data/attachments.jsonl
    data/keys.jsonl             the key of each of these ciphertexts that may be opened; none opens anything else
    data/access.jsonl           who opened the case
    report.html  report.pdf  README.txt  README.zh-CN.txt  verify_pack.py  bagit.txt  bag-info.txt  manifests
    seal                        a signed note over the SHA-256 of tagmanifest-sha256.txt

Nothing here is written to a temporary file, and recordings and attachments pass through one segment at a time.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from records import vault
from records.ledger import signing
from records.ledger.audit import iso
from records.pack import printed, report
from records.pack.archive import Archive, Sink
from records.pack.parts import Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from records.pack.parts import Anchor, AttachmentPart, CasePart, ChainPart, Content, Entry, Pack, RecordingPart
    from records.vault import BlobKey, Context

FORMAT: Final = 3
SEAL_DOMAIN: Final = "xinqiao/evidence-pack/v1"
VERIFIER: Final = Path(__file__).with_name("verify_pack.py")


def write(pack: Pack, out: Sink) -> Written:
    """Write `pack` to `out`, front to back. Raises PackTooLarge, KeyringError, NotPrinted; `out` is then to be thrown away."""
    archive = Archive(out)
    archive.add("data/case.json", _json(_case(pack)))
    archive.add("data/checkpoint", pack.checkpoint.encode())
    archive.add("data/log.pub", f"{signing.verifier()}\n".encode())
    if pack.witnesses:
        archive.add("data/witnesses", "".join(f"{key}\n" for key in pack.witnesses).encode())
    if pack.anchors:
        archive.add("data/anchors.jsonl", _lines(map(_anchor, pack.anchors)))
    for chain in pack.chains:
        archive.add(f"data/chains/{chain.id.hex}.jsonl", _lines(_entries(chain.entries)))
    if pack.quality:
        archive.add("data/quality.jsonl", _lines(_entries(pack.quality)))
    if pack.tombstones:
        archive.add("data/tombstones.jsonl", _lines(_entries(pack.tombstones)))
    keys: list[dict[str, Any]] = []
    archive.add("data/contents.jsonl", _lines([_content(archive, content, keys) for content in pack.contents]))
    archive.add("data/recordings.jsonl", _lines([_media(archive, recording, keys) for recording in pack.recordings]))
    archive.add("data/attachments.jsonl", _lines([_media(archive, attachment, keys) for attachment in pack.attachments]))
    archive.add("data/keys.jsonl", _lines(keys))
    archive.add("data/access.jsonl", _lines(_access(pack)))
    _add_tags(archive, pack)
    digest = archive.finish()
    return Written(archive.size, digest)


def _case(pack: Pack) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "pack": str(pack.id),
        "cases": [_consultation(case) for case in pack.cases],
        "deployment": str(vault.deployment()),
        "origin": signing.origin(),
        "hospital": dict(pack.hospital),
        "made_at": pack.made_at,
        "made_by": pack.made_by,
        "chains": [_chain(chain) for chain in pack.chains],
        "people": [{"id": str(person.id), "name": person.name, "role": dict(person.role)} for person in pack.people],
        "grounds": pack.grounds
        and {
            "requester": pack.grounds.requester,
            "approver": pack.grounds.approver,
            "purpose": dict(pack.grounds.purpose),
            "case_number": pack.grounds.case_number,
            "expires_at": pack.grounds.expires_at,
        },
    }


def _consultation(case: CasePart) -> dict[str, Any]:
    grant = {} if case.grant is None else {"grant": str(case.grant)}
    return {"id": str(case.id), "number": case.number, **grant}


def _chain(chain: ChainPart) -> dict[str, Any]:
    case = None if chain.case is None else str(chain.case)
    return {"id": str(chain.id), "role": chain.role, "case": case, "entries": len(chain.entries)}


def _entries(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        proof = None if entry.proof is None else [_b64(node) for node in entry.proof]
        yield {"seq": entry.seq, "leaf": entry.data.decode(), "index": entry.index, "proof": proof}


def _content(archive: Archive, content: Content, keys: list[dict[str, Any]]) -> dict[str, Any]:
    name = f"data/contents/{content.chain.hex}/{content.seq:08d}"
    archive.add(name, content.blob)
    keys += _key(name, content.key)
    return {"chain": str(content.chain), "seq": content.seq, "file": name, "context": _context(content.context)}


def _media(archive: Archive, part: RecordingPart | AttachmentPart, keys: list[dict[str, Any]]) -> dict[str, Any]:
    segments = []
    for index, segment in enumerate(part.segments):
        name = f"data/media/{part.id.hex}/{index:06d}"
        archive.add(name, segment.blob)
        keys += _key(name, segment.key)
        segments.append({"file": name, "size": segment.size, "context": _context(segment.context)})
    place = {"chain": str(part.chain), "seq": part.seq, "id": str(part.id)}
    return {**place, "media_type": part.media_type, "segments": segments}


def _context(context: Context) -> dict[str, Any]:
    sender = None if context.sender is None else str(context.sender)
    return {**context._asdict(), "scope": str(context.scope), "sender": sender}


def _anchor(anchor: Anchor) -> dict[str, Any]:
    stamp = None if anchor.stamp is None else _b64(anchor.stamp)
    proof = [_b64(node) for node in anchor.proof]
    return {"size": anchor.size, "checkpoint": anchor.checkpoint, "proof": proof, "stamp": stamp}


def _key(name: str, key: BlobKey | None) -> list[dict[str, Any]]:
    return [] if key is None else [{"file": name, "epoch": key.epoch, "secret": _b64(key.secret)}]


def _access(pack: Pack) -> Iterator[dict[str, Any]]:
    for line in pack.access:
        chain = None if line.chain is None else str(line.chain)
        yield {"at": line.at, "who": line.who, "action": dict(line.action), "chain": chain, "seq": line.seq}


def _add_tags(archive: Archive, pack: Pack) -> None:
    """The bag's own files: everything is in a manifest, the manifests are in the seal."""
    payload = dict(archive.digests)
    archive.add("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    info = f"Bagging-Date: {str(iso(pack.made_at))[:10]}\nExternal-Identifier: {pack.id}\nBag-Software-Agent: Xinqiao\n"
    archive.add("bag-info.txt", info.encode())
    archive.add("manifest-sha256.txt", _manifest(payload))
    archive.add("report.html", report.page(pack).encode())
    if pack.printed:
        archive.add("report.pdf", printed.form(pack, archive.digests["manifest-sha256.txt"]))
    archive.add("README.txt", report.README_EN.encode())
    archive.add("README.zh-CN.txt", report.README_ZH.encode())
    archive.add("verify_pack.py", VERIFIER.read_bytes())
    tags = {name: digest for name, digest in archive.digests.items() if name not in payload}
    sealed = archive.add("tagmanifest-sha256.txt", _manifest(tags))
    archive.add("seal", signing.signer().note(f"{SEAL_DOMAIN}\n{sealed}\n").encode())


def _manifest(digests: dict[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(_json(row) + b"\n" for row in rows)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()
