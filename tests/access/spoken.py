"""What each command of the socket answers, to whom, about which case."""

from dataclasses import dataclass
from typing import Any

from records.demo import demo_id
from tests.access.others import OTHERS

SUBJECTS = {
    "own patient": "wang",
    "other patient": "wu",
    "treating doctor": "zhao",
    "former doctor of the department": "qian",
    "other department's doctor": "liu",
    "nurse on the team": "sun",
    "officer without a grant": "zhou",
    "approver": "he",
    "administrator": "lin",
}
ALL = {*SUBJECTS, *OTHERS}
OWN, TREATING = {"own patient"}, {"treating doctor"}
SPEAKING = {"relative"}  # on Wang's behalf
SEEING = {*SPEAKING, "relative who may only see"}
FORMER = {"relative whose time is over", "relative who was shut out"}
PATIENTS = {"own patient", "other patient", *SEEING, "relative who hears calls", *FORMER}
INVITED = {"other department's doctor"}  # into the side thread of the active case

ACTIVE, QUEUED, CLOSED, SIDE = "active", "queued", "closed", "side"
LIVE, OVER = "live call", "call that is over"  # of Wang and Dr Zhao, on the devices that the table asks from


@dataclass(frozen=True)
class Expected:
    """`allowed` are answered with an ack, or with the code in `instead`; `again` with the ack of what they did before; everybody else
    hears `not_found`."""

    allowed: set[str]
    case: str | None = ACTIVE
    members: dict[str, Any] | None = None
    instead: str | None = None
    again: str | None = None

    def asking(self, command: str) -> set[str]:
        """Who may ask without changing what comes after."""
        changes = {("consultation.claim", QUEUED): CLAIMERS, ("call.hangup", LIVE): OWN | TREATING}
        return ALL - changes.get((command, self.case or ""), set())

    def answer_to(self, name: str) -> str:
        if name == self.again:
            return "done"
        return self.instead or "done" if name in self.allowed else "not_found"


_CHAIR: dict[str, Any] = {"client_id": "?", "device": "?", "media": ["audio"]}
_INTAKE = {"complaint": "头晕", "duration": "days", "consents": ["consultation", "privacy"]}
# What only the two devices of a call say.
_SAID: dict[str, dict[str, Any]] = {
    "call.media": {"audio": True, "video": False},
    "call.quality": {"quality": "good"},
    "rtc.description": {"kind": "offer", "sdp": "v=0"},
    "rtc.candidates": {"candidates": [{"candidate": ""}]},
    "ice.refresh": {},
}

EXPECTED: dict[str, list[Expected]] = {
    "consultation.open": [Expected(PATIENTS, None, {**_INTAKE, "client_id": "?"})],
    "consultation.claim": [
        # Colleagues may know that somebody else has taken it.
        Expected({"former doctor of the department"}, ACTIVE, instead="consultation.taken", again="treating doctor"),
        Expected(set(), QUEUED),  # whoever may claim it would: asked apart, below
    ],
    "consultation.return": [
        Expected(set(), QUEUED, {"client_id": "?", "reason": "换班"}),
        Expected(TREATING, CLOSED, {"client_id": "?", "reason": "x"}, "consultation.closed_already"),
        Expected(set(), SIDE, {"client_id": "?", "reason": "x"}),
    ],
    "consultation.close": [
        Expected(set(), QUEUED, {"client_id": "?", "summary": "x"}),
        Expected(TREATING, CLOSED, {"client_id": "?", "summary": "x"}, "consultation.closed_already"),
    ],
    "consultation.reopen": [Expected(OWN | TREATING, ACTIVE, {"client_id": "?", "reason": "x"}, "consultation.not_closed")],
    "consultation.extend": [
        Expected(TREATING, ACTIVE, {"client_id": "?", "hours": 1}),
        Expected(set(), QUEUED, {"client_id": "?", "hours": 1}),
    ],
    "message.send": [
        Expected(OWN | TREATING | SPEAKING, ACTIVE, {"client_id": "?", "text": "x"}),
        Expected(OWN | SPEAKING, QUEUED, {"client_id": "?", "text": "x"}),
        Expected(OWN | TREATING | SPEAKING, CLOSED, {"client_id": "?", "text": "x"}, "consultation.closed_already"),
        Expected(TREATING | INVITED, SIDE, {"client_id": "?", "text": "x"}),
        Expected(
            OWN | TREATING | SPEAKING,
            ACTIVE,
            {"client_id": "?", "text": "x", "mentions": [str(demo_id("liu"))]},
            "message.mentions",
        ),
    ],
    "message.retract": [
        Expected(OWN | TREATING | SPEAKING, ACTIVE, {"client_id": "?", "seq": 1}, "message.gone"),  # the intake is no message
        Expected(TREATING | INVITED, SIDE, {"client_id": "?", "seq": 1}, "message.gone"),
    ],
    "message.correct": [
        Expected(TREATING, ACTIVE, {"client_id": "?", "seq": 1, "text": "x"}, "message.gone"),
        Expected(TREATING | INVITED, SIDE, {"client_id": "?", "seq": 1, "text": "x"}, "message.gone"),
    ],
    "side.open": [Expected(TREATING, ACTIVE, {"client_id": "?"}), Expected(set(), QUEUED, {"client_id": "?"})],
    "side.invite": [
        Expected(TREATING | INVITED, SIDE, {"client_id": "?", "person": str(demo_id("liu"))}),
        Expected(set(), ACTIVE, {"client_id": "?", "person": str(demo_id("liu"))}),
    ],
    "cursor.advance": [
        Expected(OWN | TREATING | SEEING, ACTIVE, {"read": 1}),
        Expected(OWN | SEEING, QUEUED, {"read": 1}),
        Expected(TREATING | INVITED, SIDE, {"read": 1}),
    ],
    "timeline.follow": [
        Expected(OWN | TREATING | SEEING, ACTIVE, {"since": 0}),
        Expected(OWN | SEEING, QUEUED, {"since": 0}),
        Expected(TREATING | INVITED, SIDE, {"since": 0}),
    ],
    "call.invite": [
        Expected(OWN | TREATING, ACTIVE, {"client_id": "?", "device": "?", "media": ["audio"]}, "call.in_another"),
        Expected(OWN, QUEUED, {"client_id": "?", "device": "?", "media": ["audio"]}, "call.nobody"),
        Expected(OWN | TREATING, CLOSED, {"client_id": "?", "device": "?", "media": ["audio"]}, "consultation.closed_already"),
        Expected(set(), SIDE, {"client_id": "?", "device": "?", "media": ["audio"]}),
    ],
    "call.ringing": [Expected(OWN | TREATING, LIVE)],
    "call.accept": [
        Expected(TREATING, LIVE, {"device": "?", "media": ["audio"]}, "call.elsewhere"),
        Expected(OWN | TREATING, OVER, {"device": "?", "media": ["audio"]}, "call.over"),
    ],
    "call.decline": [Expected(set(), LIVE), Expected(OWN | TREATING, OVER)],
    "call.hangup": [Expected(set(), LIVE), Expected(OWN | TREATING, OVER)],
    "call.judge": [
        Expected(OWN | TREATING, LIVE, {"client_id": "?", "heard": "good"}, "call.not_over"),
        Expected(OWN | TREATING, OVER, {"client_id": "?", "heard": "good"}),
    ],
    "call.propose": [
        Expected(OWN | TREATING, ACTIVE, {"client_id": "?", "slots": [0], "media": ["audio"]}, "call.slots"),
        Expected(OWN, QUEUED, {"client_id": "?", "slots": [0], "media": ["audio"]}, "call.nobody"),
        Expected(OWN | TREATING, CLOSED, {"client_id": "?", "slots": [0], "media": ["audio"]}, "consultation.closed_already"),
        Expected(set(), SIDE, {"client_id": "?", "slots": [0], "media": ["audio"]}),
    ],
    "call.agree": [Expected(OWN | TREATING, ACTIVE, {"client_id": "?", "seq": 1, "at": 0}, "call.no_plan")],
    "call.unplan": [Expected(OWN | TREATING, ACTIVE, {"client_id": "?", "seq": 1}, "call.no_plan")],
    "call.ask_photo": [
        Expected(TREATING, LIVE, {"client_id": "?"}),
        Expected(OWN | TREATING, OVER, {"client_id": "?"}, "call.over"),
    ],
    "call.resume": [Expected(set(), LIVE, {"device": "?"}), Expected(OWN | TREATING, OVER, {"device": "?"}, "call.over")],
    **{
        command: [Expected(OWN | TREATING, LIVE, members), Expected(set(), OVER, members)] for command, members in _SAID.items()
    },
    "recording.request": [Expected(OWN | TREATING, OVER, {"client_id": "?", "text_version": "1"}, "call.over")],
    "recording.consent": [
        Expected(OWN | TREATING, LIVE, {"client_id": "?", "granted": True, "text_version": "1"}, "recording.not_asked")
    ],
    "recording.stop": [Expected(OWN | TREATING, LIVE, {"client_id": "?"})],
    "captions.request": [Expected(OWN | TREATING, OVER, {"client_id": "?", "text_version": "1"}, "call.over")],
    "captions.consent": [
        Expected(OWN | TREATING, LIVE, {"client_id": "?", "granted": True, "text_version": "1"}, "captions.not_asked")
    ],
    "captions.stop": [Expected(OWN | TREATING, LIVE, {"client_id": "?"})],
    "captions.sound": [
        Expected(OWN | TREATING, LIVE, {"pcm": "AAA="}, "captions.not_on"),
        Expected(set(), OVER, {"pcm": "AAA="}),
    ],
    # In this hospital without a media server there are no rooms; what holds in one is in tests/consult/test_rooms.py.
    "room.open": [
        Expected(TREATING, ACTIVE, _CHAIR, "room.off"),
        Expected(TREATING, SIDE, _CHAIR, "room.off"),
        Expected(set(), QUEUED, _CHAIR),
    ],
    **{
        command: [Expected(set(), LIVE, members)]
        for command, members in {
            "room.invite": {"client_id": "?", "person": str(demo_id("liu"))},
            "room.join": _CHAIR,
            "room.remove": {"client_id": "?", "person": str(demo_id("liu"))},
            "room.close": {},
            "room.offer": {"sdp": "v=0"},
            "room.answer": {"sdp": "v=0"},
            "room.candidates": {"side": "out", "candidates": [{"candidate": ""}]},
        }.items()
    },
    # These say nothing about the case and change nothing of it.
    "timeline.unfollow": [Expected(ALL, ACTIVE)],
    "ping": [Expected(ALL, None)],
    "typing": [Expected(OWN | TREATING | SPEAKING, ACTIVE, {"on": True})],
}
CLAIMERS = {"treating doctor", "former doctor of the department"}
