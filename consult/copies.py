"""A patient's copy of everything about them that they may see: one page in both languages that any browser opens and prints."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consult import timeline
from consult.calls import words
from consult.models import Consultation, NoticeThread
from consult.packs.readable import KINDS
from consult.record import CALLS
from records import charts
from records.access import require
from records.ledger.chains import moment
from records.people import Person
from records.plans import FollowUp
from records.retention.chain import extend_retention
from transcription import transcripts
from transcription.models import Recording
from transcription.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

COPIED: Final = "rights.copied"
WORDS: Final = ("complaint", "title", "text", "summary", "advice", "reason")
HEAD: Final = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:16px/1.6 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}}
h1{{font-size:1.5em}}h2{{font-size:1.2em;margin-top:2em;border-bottom:1px solid #999}}
li{{margin:.4em 0}}time,.who{{color:#555;font-size:.9em}}</style></head><body><h1>{title}</h1><p>{what}</p>"""


def copy_for(person: Person) -> str:
    """The page, once the ledger says that it was made. Raises Refused(NOT_FOUND) for anybody but a patient."""
    require(person, "rights.own")
    with transaction.atomic(), extend_retention() as tail:
        tail.add(COPIED, actor=person.id)
    return "\n".join(_page(person))


def _page(person: Person) -> Iterator[str]:
    made = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    hospital = f"{settings.XINQIAO_HOSPITAL_ZH} · {settings.XINQIAO_HOSPITAL_EN}"
    title = f"{person.name}：我的记录 · My record"
    yield HEAD.format(title=escape(title), what=escape(f"{hospital} · {made}"))
    yield from _section("病历 · Medical record", _entries(person))
    yield from _section("随访 · Follow-ups", _follow_ups(person))
    kept = Consultation.objects.filter(patient=person).exclude(kept=Consultation.Kept.SHREDDED).select_related("department")
    for case in kept.order_by("opened_at"):
        named = f"{case.department.name_zh}咨询 · {case.department.name_en} consultation"
        yield from _section(named, _thread(case.id, person))
    for thread in NoticeThread.objects.filter(patient=person):
        yield from _section("通知 · Notices", _thread(thread.chain_id, person))
    yield from _section("电话录音的文字 · Transcripts of recorded calls", _transcripts(person))
    yield "</body></html>"


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    items = list(lines)
    if items:
        yield f"<h2>{escape(title)}</h2><ol>{''.join(items)}</ol>"


def _line(at: int, who: str, text: str) -> str:
    told = timezone.localtime(moment(at)).strftime("%Y-%m-%d %H:%M")
    return f'<li><time>{told}</time> <span class="who">{escape(who)}</span> {escape(text)}</li>'


def _entries(person: Person) -> Iterator[str]:
    for opened in charts.entries(charts.chart_of(person)):
        value = opened.content.value
        measured = f" {value.number:g} {value.unit}" if value else ""
        yield _line(opened.row.at, opened.row.author.name, f"{opened.content.text}{measured}")


def _follow_ups(person: Person) -> Iterator[str]:
    for planned in FollowUp.objects.filter(patient=person).select_related("assigned_to").order_by("due_at"):
        words = planned.words
        yield _line(
            int(planned.due_at.timestamp() * 1000),
            planned.assigned_to.name if planned.assigned_to else "",
            f"{words.zh} · {words.en}",
        )


def _thread(thread: UUID, person: Person) -> Iterator[str]:
    """What the patient is shown of a thread: words that were taken back are not here."""
    after, names = 0, dict[str, str]()
    while True:
        page = timeline.since(thread, after)
        for frame in page.events:
            event: dict[str, Any] = msgspec.json.decode(frame)
            zh, en = KINDS.get(event["kind"], ("", ""))
            said = _said(event["kind"], event["body"] or {})
            yield _line(event["at"], _name(names, event["sender"]), f"{zh} {en} {' / '.join(said)}")
        if page.upto >= page.head or not page.events:
            return
        after = page.upto


def _said(kind: str, body: dict[str, Any]) -> list[str]:
    if kind in words.KINDS:
        return [words.told(kind, body)]
    return [str(body[word]) for word in WORDS if body.get(word)]


def _name(names: dict[str, str], sender: str | None) -> str:
    if sender is None:
        return ""
    if sender not in names:
        names[sender] = Person.objects.values_list("name", flat=True).get(id=sender)
    return names[sender]


def _transcripts(person: Person) -> Iterator[str]:
    calls = Recording.objects.filter(patient=person, origin__in=CALLS, transcripts__isnull=False).distinct()
    for call in calls.order_by("created_at"):
        newest = transcripts.load(call, None)
        if newest.body:
            text = plain(transcripts.opened(newest)["segments"]).text
            yield _line(int(call.created_at.timestamp() * 1000), "", text)
