"""The demo's one finished consultation and the call that follows it, made through the real actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from consult import consultations, timeline
from consult.models import Consultation, Cursor
from consult.protocol import ConsultationClose, ConsultationOpen, Posted
from records.demo import demo_id
from records.ledger.models import Chain
from records.people import Person
from records.plans import Title, plan

VISIT: Final = "demo-visit"

COMPLAINT: Final = "这几天早上量血压偏高，最高 152，头有点胀。药一直在吃。要紧吗？"
TALK: Final = (
    ("zhao", "王阿姨您好，您担心这个很正常，我们先看几件事。胸口闷不闷、说话和手脚有没有不利索？"),
    ("wang", "都没有，就是早上起来头胀，吃完药一会儿就好些。"),
    ("zhao", "那先不用着急。您平时几点吃降压药？量血压前有没有先坐五分钟？"),
    ("wang", "有时候忘了，中午才吃。量之前一般刚买菜回来。"),
    ("zhao", "这就说得通了。药改成早饭后固定吃，量血压前先坐五分钟，早晚各量一次记下来，我让孙护士两周后给您打电话。"),
    ("wang", "好的，谢谢赵医生，我记下了。"),
)
SUMMARY: Final = "晨起血压偏高，最高 152/90，无胸闷、无肢体无力。服药时间不规律，测量前未静坐。"
ADVICE: Final = (
    "降压药改为早饭后固定服用；测量前静坐五分钟，早晚各测一次并记录。两周后电话随访。"
    "如果胸痛、说话不清或一侧手脚无力，请立即拨打 120。"
)


def seed_consultation() -> None:
    """Wang asks, Dr Zhao answers and closes, Nurse Sun is to call. Once; runs in the caller's transaction."""
    wang, zhao = (Person.objects.get(id=demo_id(key)) for key in ("wang", "zhao"))
    if Consultation.objects.filter(patient=wang, client_id=VISIT).exists():
        return
    intake = ConsultationOpen("demo", VISIT, COMPLAINT, "days", ["consultation", "privacy"], department=demo_id("cardiology"))
    visit, _ = consultations.open_consultation(wang, intake)
    consultations.claim(zhao, visit.id)
    visit.refresh_from_db()
    for number, (key, text) in enumerate(TALK):
        timeline.append(visit.id, "message.posted", {"wang": wang, "zhao": zhao}[key], Posted(text), f"demo-message-{number}")
    consultations.close(zhao, ConsultationClose("demo", visit.id, "demo-close", SUMMARY, ADVICE))
    last = Chain.objects.get(id=visit.id).last_seq
    Cursor.objects.bulk_create(Cursor(thread=visit.chain, person=who, delivered=last, read=last) for who in (wang, zhao))
    _plan_call(visit)


def _plan_call(visit: Consultation) -> None:
    title = Title("就诊后电话随访：血压和用药", "Call after the visit: blood pressure and medicines")
    due_at = timezone.now() + timedelta(hours=4)
    plan(Person.objects.get(id=demo_id("sun")), demo_id("wang"), title, due_at, origin=visit.id, id_=demo_id("follow-up"))
