"""What is said: the same 470 characters everywhere, with a number that is found by position instead of by parsing."""

from typing import Final

DIGITS: Final = 8
CHARACTERS: Final = 470
PATIENCE_SECONDS: Final = 10.0  # for a handshake, or for the first message of a pair
_ZH: Final = "王阿姨您好，您早上量的血压是 152/90，药改成早饭后固定吃，量之前先静坐五分钟，早晚各量一次记下来。"
_EN: Final = (
    "If you feel chest pain, trouble speaking or weakness on one side, call 120 at once; otherwise we talk again on Friday. "
)
TEXT: Final = ((_ZH + _EN) * 4)[:CHARACTERS]


def digits(number: int) -> bytes:
    return b"%0*d" % (DIGITS, number)
