"""How each server is spoken to. A client opens both sides of a pair, has its first message acknowledged, and hands back the speaker."""

from collections.abc import Awaitable, Callable
from typing import Final

from bench.clients import chat, matrix, xmpp
from bench.run import Pair, Run, Speaker

CLIENTS: Final[dict[str, Callable[[Run, Pair], Awaitable[Speaker]]]] = {
    **dict.fromkeys(chat.DIALECTS, chat.open_pair),
    "ejabberd": xmpp.open_pair,
    "synapse": matrix.open_pair,
}
