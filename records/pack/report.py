"""The pages of a pack for human eyes: what was said, and how to check it. Nothing is proven by them, and they say so."""

from __future__ import annotations

import string
from html import escape
from typing import TYPE_CHECKING, Final

from records.ledger.audit import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from records.pack.parts import CasePart, Pack

PAGE: Final = string.Template("""<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>$title</title>
<style>
body { font: 16px/1.6 "Noto Sans CJK SC", system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b2733 }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% } td, th { border-bottom: 1px solid #d5dce3; padding: .4rem .5rem; text-align: left;
vertical-align: top } td.text { white-space: pre-wrap; overflow-wrap: anywhere } .note { background: #f2f5f8; padding: .8rem 1rem }
</style></head><body>
<h1>$title</h1>
<p class="note">本页便于阅读，不是证据本身；证据是 data 目录中的记录与密文，请用 verify_pack.py 核验。<br>
This page is for reading and is not the evidence itself: the evidence is the entries and ciphertexts under data; check them with
verify_pack.py.</p>
<table>$facts</table>
$cases
<h2>谁打开过 · Who opened it</h2>
<table><thead><tr><th>时间 · Time (UTC)</th><th>人 · Who</th><th>事 · What</th></tr></thead><tbody>$access</tbody></table>
<h2>相关人员 · People</h2>
<table><tbody>$people</tbody></table>
</body></html>
""")

CASE: Final = string.Template("""<h2>$number — 经过 · What happened</h2>
<table><thead><tr><th>序号 · No.</th><th>时间 · Time (UTC)</th><th>人 · Who</th><th>事 · What</th><th>内容 · Content</th></tr></thead>
<tbody>$lines</tbody></table>
""")

README_ZH: Final = """信桥证据包

这是一份或几份咨询的证据：账本条目、密文、（如获准）密钥、录音、访问日志、签名检查点与证明。

如何核验（无需联网）
  1. 准备 Python 3.9 以上和 cryptography 软件包：pip install cryptography
  2. 最好使用医院另行公布的 verify_pack.py；包内附有同样的一份。
  3. 运行：python3 verify_pack.py 证据包.zip --key "医院公布的账本公钥"
     加 --show 显示由密文解出的原文；加 --language en 用英文。
  核验打印件：加 --code 并输入页上二维码的文字或旁边的短码；再与 --show 显示的原文逐条比对，编号相同。
  有见证人时，加 --witness "见证人公布的公钥"（可多次）。
  不给 --key 时使用包内 data/log.pub 的公钥：那只能证明包前后一致，请与医院公布的公钥逐字比对。

退出码
  0 全部得到证明，且每份咨询截至其结束是完整的
  3 没有不符，但不能证明完整，未给 --key，有内容未附而理由未得到证明，或所给的见证人、时间戳机构没有为每一条作证
  1 有内容不符，会指出是哪一项      2 无法读取

能证明什么：每一条记录的先后次序、内容、记录者编号与时间（以医院时钟为准），未被改动、插入或删除。
不能证明什么：编号对应的真实姓名（由医院声明）；某患者或某时段是否还有别的咨询；医院时钟是否准确；在没有独立见证人联署时，同时掌握数据库与签名私钥者有可能另造一部账本。
"""

README_EN: Final = """Xinqiao evidence pack

The evidence of one or more consultations: ledger entries, ciphertexts, keys (where granted), recordings, the log of who read it, the
signed checkpoint and the proofs.

How to verify (no network needed)
  1. Have Python 3.9 or newer and the cryptography package: pip install cryptography
  2. Prefer the verify_pack.py that the hospital publishes elsewhere; the same file is in the pack.
  3. Run: python3 verify_pack.py PACK.zip --key "the ledger's public key as the hospital publishes it"
     --show prints the words opened from the ciphertexts; --language zh prints Chinese.
  A printed page: --code with the text of its QR code, or the short code beside it; then compare its words with what --show prints
  under the same entry numbers. Where there are witnesses: --witness "the witness's public key", once for each.
  Without --key the key in data/log.pub is used: that proves only that the pack agrees with itself. Compare the key.

Exit codes
  0 everything is proven and every consultation is complete as of its closing
  3 nothing is wrong, but completeness is not proven, there was no --key, something was left out for no proven reason, or a witness or
    an authority that was given does not vouch for every entry
  1 something does not match, and is named                   2 the file cannot be read

What it proves: order, content, author id and time (by the hospital's clock) of every entry; none altered, inserted or removed.
What it does not prove: which name belongs to an id (the hospital states it); that a patient or period has no other consultation;
that the hospital's clock was right; and, while no independent witness co-signs, that somebody with both the database and the signing
key did not make another ledger.
"""


def page(pack: Pack) -> str:
    """Return the page; every word of it that came from people is escaped, and it loads nothing."""
    return PAGE.substitute(
        title=escape(f"{pack.hospital['zh']} · {pack.hospital['en']} — {pack.number}"),
        facts=rows(facts(pack)),
        cases="".join(_case(pack, case) for case in pack.cases),
        access=rows((iso(x.at), x.who, both(x.action)) for x in pack.access),
        people=rows((x.name, both(x.role), str(x.id)) for x in pack.people),
    )


def _case(pack: Pack, case: CasePart) -> str:
    lines = rows((str(x.seq), iso(x.at), x.who, both(x.kind), x.text) for x in pack.lines if x.case == case.id)
    return CASE.substitute(number=escape(case.number), lines=lines)


def facts(pack: Pack) -> Iterable[tuple[str, str]]:
    yield "证据包 · Pack", str(pack.id)
    for case in pack.cases:
        yield "咨询 · Consultation", f"{case.number} ({case.id})"
    yield "导出 · Made", f"{iso(pack.made_at)} · {pack.made_by}"
    if pack.grounds:
        yield "申请 · Requested by", pack.grounds.requester
        yield "批准 · Approved by", pack.grounds.approver
        yield "用途 · Purpose", f"{both(pack.grounds.purpose)} {pack.grounds.case_number}".strip()
    yield "密钥 · Keys", "只有包内所附内容的密钥 · of what is in this pack, and of nothing else"


def rows(rows: Iterable[tuple[str | None, ...]]) -> str:
    return "\n".join("<tr>" + "".join(f'<td class="text">{escape(cell or "")}</td>' for cell in row) + "</tr>" for row in rows)


def both(words: Mapping[str, str]) -> str:
    return f"{words['zh']} · {words['en']}"
