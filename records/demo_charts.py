"""What the demo's charts say, entered by its clinicians through the real action."""

from __future__ import annotations

from typing import Final, NamedTuple

from records import charts
from records.charts import ChartEntry, Content, Value
from records.demo import CAST, demo_id
from records.people import Person, Role


class Line(NamedTuple):
    """One entry: whose chart, who enters it, what."""

    patient: str
    author: str
    kind: str
    content: Content


LINES: Final = (
    Line("wang", "zhao", "allergy", Content("青霉素：皮疹、呼吸困难（2009 年）")),
    Line("wang", "zhao", "problem", Content("高血压 2 级，确诊于 2014 年")),
    Line("wang", "zhao", "problem", Content("血脂偏高，饮食控制中")),
    Line("wang", "zhao", "medication", Content("氨氯地平片 5mg，每次 1 片，每天 1 次，早饭后")),
    Line("wang", "zhao", "medication", Content("阿托伐他汀钙片 10mg，每次 1 片，每天 1 次，睡前")),
    Line("wang", "zhao", "risk", Content("独居，夜间起床有跌倒风险")),
    Line("wang", "sun", "reading", Content("家庭血压（早）：148/88", Value(148, "mmHg", "8480-6"))),
    Line("wang", "sun", "reading", Content("家庭血压（早）：141/85", Value(141, "mmHg", "8480-6"))),
    Line("wang", "sun", "reading", Content("空腹血糖 5.8", Value(5.8, "mmol/L", "1558-6"))),
    Line("wang", "sun", "note", Content("女儿陈静每周末来看望，会帮忙量血压和分药。")),
    Line("li", "liu", "note", Content("孩子八个月，足月顺产，按时接种疫苗。")),
)  # fmt: skip


def seed_charts() -> None:
    """Give every patient of the cast a chart, and enter the lines once. Runs in the caller's transaction."""
    for member in CAST:
        if member.role == Role.PATIENT:
            charts.chart_of(Person.objects.get(id=member.id))
    if ChartEntry.objects.filter(client_id=_client_id(0)).exists():
        return
    for number, line in enumerate(LINES):
        author = Person.objects.get(id=demo_id(line.author))
        charts.add_entry(author, demo_id(line.patient), client_id=_client_id(number), kind=line.kind, content=line.content)


def _client_id(number: int) -> str:
    return f"demo-entry-{number:02}"
