"""What a message, its acknowledgement and its delivery look like on each of the servers that are compared.

A message carries its number twice: in `id`, which comes back in the acknowledgement, and at the end of `client_id`, which comes back
in the delivery. Numbers have eight digits, so that they are found by position instead of by parsing JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

DIGITS: Final = 8
CHARACTERS: Final = 470
_ZH: Final = "王阿姨您好，您早上量的血压是 152/90，药改成早饭后固定吃，量之前先静坐五分钟，早晚各量一次记下来。"
_EN: Final = (
    "If you feel chest pain, trouble speaking or weakness on one side, call 120 at once; otherwise we talk again on Friday. "
)
TEXT: Final = ((_ZH + _EN) * 4)[:CHARACTERS]


class Dialect(NamedTuple):
    """`ack`, `event`: what stands before the number in an acknowledgement and before the run's mark in a delivery."""

    name: str
    path: str
    ack: bytes
    event: bytes = b'"client_id":"'
    delivers: bool = True  # whether the other side hears of it
    follows: bool = False  # whether a side must ask for a timeline to hear of it

    def message(self, consultation: str, mark: str) -> tuple[bytes, bytes, bytes]:
        """The three constant parts of a message: before `id`, between the two numbers, and after `client_id`."""
        return (
            b'{"type":"message.send","id":"',
            f'","consultation":"{consultation}","client_id":"{mark}'.encode(),
            f'","text":"{TEXT}"}}'.encode(),
        )

    def acknowledged(self, payload: bytes) -> int:
        """The number that this frame acknowledges, or -1."""
        if not payload.startswith(self.ack):
            return -1
        start = len(self.ack)
        number = payload[start : start + DIGITS]
        return int(number) if number.isdigit() else -1

    def delivered(self, payload: bytes, mark: bytes) -> Iterable[int]:
        """The numbers of this run's messages that this frame delivers."""
        start = len(mark)
        for piece in payload.split(self.event)[1:]:
            if piece.startswith(mark):
                yield int(piece[start : start + DIGITS])


DIALECTS: Final = {
    dialect.name: dialect
    for dialect in (
        Dialect("product", "/ws/", b'{"type":"ack","id":"', follows=True),
        Dialect("echo", "/echo/", b'{"type":"message.send","id":"', delivers=False),
        Dialect("tutorial", "/ws/{consultation}/", b'{"type": "ack", "id": "', b'"client_id": "'),
    )
}
