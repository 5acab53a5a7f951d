"""A shred certificate on paper: one page in both languages, with the signed note itself and the code that leads to it.

    XINQIAO-SHRED:1:<request>:<SHA-256 of the note>      hex in capitals

The note proves; the page is for reading, and names no person and no word of what was destroyed.
"""

from __future__ import annotations

import hashlib
import string
from html import escape
from typing import TYPE_CHECKING, Final

from django.conf import settings

from records.ledger import signing
from records.pack.codes import short_code
from records.pack.printed import Code, square, time
from records.pack.report import both, rows
from records.retention import certificates
from records.retention.holdings import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from records.retention.certificates import Certificate
    from records.retention.models import RightsRequest

PREFIX: Final = "XINQIAO-SHRED:1"
PAGE: Final = string.Template("""<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>$title — $short</title>
<style>
@page { size: A4; margin: 18mm 15mm }
body { font: 1rem/1.6 "Noto Sans CJK SC", system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #111;
  background: #fff }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; break-after: avoid } p { margin: .4rem 0 }
header { display: flex; gap: 1rem; justify-content: space-between; align-items: start; border-bottom: 1px solid #888 }
header svg { width: 34mm; height: 34mm; flex: none }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
th { font-size: .8rem; text-align: left; color: #444 } td, th { border-bottom: 1px solid #bbb; padding: .3rem .5rem .3rem 0;
  vertical-align: top; overflow-wrap: anywhere }
.code, pre, .hash td { font-family: "Noto Sans Mono CJK SC", monospace; font-size: .8rem; overflow-wrap: anywhere }
pre { white-space: pre-wrap; border: 1px solid #888; padding: .6rem .8rem } .small { color: #444; font-size: .85rem }
@media print { html { font-size: 9pt } body { max-width: none; margin: 0; padding: 0 } }
</style></head><body>
<header><div><p>$hospital</p><h1>销毁证明<br>Certificate of destruction</h1><p class="code">$short</p></div>$square</header>
<p>下列内容应患者申请，按保存规定销毁：其密钥已不存在，内容不能恢复。证明里没有患者姓名，也没有内容的任何文字。<br>
What is listed here was destroyed because the patient asked for it and the rules on keeping allow it: its keys no longer exist, and it
cannot be brought back. No name and no word of it stands in this certificate.</p>
<table>$facts</table>
<h2>销毁了什么 · What was destroyed</h2>
<table class="hash"><thead><tr><th>内容 · Content</th><th>密钥编号 · Key</th><th>销毁记录 · Destruction record</th>
<th>账本条目哈希 · Hash of its entry</th></tr></thead><tbody>$destroyed</tbody></table>
<h2>签名的证明 · The signed note</h2>
<pre>$note</pre>
<h2>如何核对 · How to check</h2>
<ol>
<li>码的最后一段是证明原文（下载的 JSON 中的 note）的 SHA-256。 The last part of the code is the SHA-256 of the note, as it stands in the
downloaded JSON.</li>
<li>用医院公布的账本公钥验证签名（Ed25519，c2sp.org/signed-note），无需联网。
Check the signature with the ledger's public key as the hospital publishes it (Ed25519, c2sp.org/signed-note); no network is needed.</li>
<li>每份销毁记录是账本里的一条，哈希如上；含有它的证据包用 verify_pack.py 核验。
Each destruction record is an entry of the ledger with the hash above; packs that hold it are checked with verify_pack.py.</li>
</ol>
<p class="small">账本公钥 · Public key</p><p class="code">$key</p>
<p class="small">完整的码 · The code in full</p><p class="code">$long</p>
</body></html>
""")


def code_of(request: UUID, note: str) -> Code:
    """What leads from the page to the note."""
    long = f"{PREFIX}:{request.hex}:{hashlib.sha256(note.encode()).hexdigest()}".upper()
    return Code(long, short_code(long))


def page(request: RightsRequest) -> str:
    """The page of a request that was carried out. Raises NoteError, ValueError where its note is not of this ledger's key."""
    note = request.certificate
    said = certificates.verify(note, [signing.verifier()])
    code = code_of(request.id, note)
    return PAGE.substitute(
        title="销毁证明 · Certificate of destruction",
        hospital=escape(f"{settings.XINQIAO_HOSPITAL_ZH} · {settings.XINQIAO_HOSPITAL_EN}"),
        short=code.short,
        long=code.long,
        square=square(code.long),
        facts=rows(_facts(said)),
        destroyed=rows(_destroyed(said)),
        note=escape(note),
        key=escape(str(signing.verifier())),
    )


def _facts(said: Certificate) -> Iterator[tuple[str, str]]:
    yield "咨询 · Consultation", said.case
    yield "申请 · Request", said.request
    yield "申请时间 · Asked (UTC)", time(said.asked_at)
    yield "销毁时间 · Destroyed (UTC)", time(said.done_at)


def _destroyed(said: Certificate) -> Iterator[tuple[str, ...]]:
    for one in said.destroyed:
        zh, en = LABELS[one.label]
        yield both({"zh": zh, "en": en}), one.key, f"#{one.tombstone}", one.leaf
