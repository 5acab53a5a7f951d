"""How a printed form looks: A4, black on white, in both languages, with the code in the head of every page."""

from __future__ import annotations

import string
from typing import Final

PAGE: Final = string.Template("""<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>$title — $number</title>
<style>
@page {
  size: A4; margin: 38mm 15mm 20mm 15mm;
  @top-left { content: element(head); width: 100% }
  @bottom-left { content: "$short"; font: 8pt "Noto Sans Mono CJK SC", monospace; width: 62% }
  @bottom-right { content: "第 " counter(page) " 页，共 " counter(pages) " 页 · Page " counter(page) " of " counter(pages);
    font: 8pt "Noto Sans CJK SC", sans-serif; width: 38% }
}
body { font: 9.5pt/1.5 "Noto Sans CJK SC", sans-serif; color: #111 }
#head { position: running(head); width: 100%; border-bottom: .4pt solid #888; padding-bottom: 2mm }
#head td { border: none; padding: 0; vertical-align: middle } #head svg { width: 26mm; height: 26mm }
#head .code { width: 28mm } #head b { font-size: 12pt } #head p { margin: 0; font-size: 8pt; color: #444 }
h1 { font-size: 17pt; margin: 0 0 3mm } h2 { font-size: 12.5pt; margin: 8mm 0 2mm; break-after: avoid }
h3 { font-size: 10.5pt; margin: 5mm 0 1mm; break-after: avoid }
table { border-collapse: collapse; width: 100% } thead { display: table-header-group }
th { font-weight: 600; font-size: 8pt; color: #444; text-align: left; border-bottom: .6pt solid #444; padding: 1mm 2mm 1mm 0 }
td { border-bottom: .3pt solid #bbb; padding: 1mm 2mm 1mm 0; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere }
tr { break-inside: avoid } .hash td:last-child, .mono { font: 7.5pt/1.6 "Noto Sans Mono CJK SC", monospace; overflow-wrap: anywhere }
.said { table-layout: fixed } .number { width: 9mm } .time { width: 36mm } .who { width: 20mm } .what { width: 28mm } .entry { width: 27mm }
.spoken td:nth-child(1) { width: 14mm } .spoken td:nth-child(2) { width: 26mm }
.facts td:first-child { width: 45mm; color: #444 } .note { border: .6pt solid #888; padding: 3mm 4mm; margin: 4mm 0 }
.note p { margin: 0 0 1.5mm } ol { margin: 1mm 0; padding-left: 5mm } .where { color: #444; font-size: 8.5pt; margin: 0 }
</style></head><body>
<table id="head"><tr><td><b>$title</b><p>$number</p><p>本页的码可离线核对：verify_pack.py --code · Check this page offline with the code
</p></td><td class="code">$code</td></tr></table>
<h1>咨询记录证据包：打印件<br>Evidence pack: printed form</h1>
<table class="facts">$facts</table>
<div class="note">
<p><b>如何核对 · How to check</b></p>
<ol>
<li>取得同一份证据包（ZIP）和 verify_pack.py。 Have the pack itself (ZIP) and verify_pack.py.</li>
<li>运行 Run: <span class="mono">python3 verify_pack.py PACK.zip --key "…" --code $short --show</span></li>
<li>码相符后，按序号把本件文字与 --show 的原文逐条比对；每行末尾是条目哈希的前 16 位。
Once the code agrees, compare the words here with those that --show prints, number by number; each line ends with the first 16
letters of its entry's hash.</li>
</ol>
<p>打印件便于阅读，不是证据本身；码只说明它出自哪一个证据包。 This form is for reading and is not the evidence itself; the code says which
pack it was made with.</p>
<p class="mono">$long</p>
</div>
$cases
<h2>谁打开过 · Who opened it</h2>
<table class="hash"><thead><tr><th>时间 · Time (UTC)</th><th>人 · Who</th><th>事 · What</th><th>条目 · Entry</th></tr></thead>
<tbody>$access</tbody></table>
<h2>相关人员 · People</h2>
<table class="hash"><tbody>$people</tbody></table>
<h2>证据层 · Evidence</h2>
<table class="facts hash">$ledger</table>
<h3>各链 · Chains</h3>
<table class="hash"><thead><tr><th>链 · Chain</th><th>编号 · Id</th><th>条数 · Entries</th><th>账本位置 · Places</th>
<th>末条哈希 · Last hash</th></tr>
</thead><tbody>$chains</tbody></table>
</body></html>
""")

CASE: Final = string.Template("""<h2>$number — 经过 · What happened</h2><p class="where">$id</p>
<table class="said hash"><colgroup><col class="number"><col class="time"><col class="who"><col class="what"><col><col class="entry">
</colgroup><thead><tr><th>No.</th><th>时间 Time (UTC)</th><th>人 Who</th><th>事 What</th><th>内容 Content</th>
<th>条目 Entry</th></tr></thead><tbody>$lines</tbody></table>
$spoken""")

SPOKEN: Final = string.Template("""<h3>录音转写 · Transcript — $about</h3>
<table class="spoken"><tbody>$sentences</tbody></table>
""")
