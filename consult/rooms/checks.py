"""Whether the media server answers, and lets in nobody but us. `manage.py check` asks, and so does `manage.py serve`."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004

from consult.rooms import janus
from consult.rooms.media import MediaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.apps import AppConfig

    from consult.rooms.janus import Message, Session

TRANSPORT: Final = "janus.transport.websockets"
HINT: Final = "Use the configuration in deploy/janus: docs/operations.md, Rooms."


@register
def rooms_are_ours_alone(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.XINQIAO_JANUS_SOCKET:
        return []
    if not settings.XINQIAO_JANUS_API_SECRET or not settings.XINQIAO_JANUS_ADMIN_KEY:
        wanted = "XINQIAO_JANUS_API_SECRET and XINQIAO_JANUS_ADMIN_KEY"
        return [Error(f"XINQIAO_JANUS_SOCKET is set without {wanted}.", hint=HINT, id="consult.E001")]
    path = Path(settings.XINQIAO_JANUS_SOCKET)
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH:
        return [Error(f"Every account of this machine may speak to Janus through {path}.", hint=HINT, id="consult.E002")]
    try:
        return [Error(found, hint=HINT, id="consult.E003") for found in asyncio.run(_weaknesses())]
    except MediaError as error:
        return [Warning(f"There are no rooms until Janus answers: {error}", hint=HINT, id="consult.W001")]


async def _weaknesses() -> list[str]:
    session = await janus.opened(settings.XINQIAO_JANUS_SOCKET, settings.XINQIAO_JANUS_API_SECRET)
    try:
        return [*_of_server(await session.ask(janus.INFO)), *[found async for found in _of_rooms(session)]]
    finally:
        await session.close()


def _of_server(info: Message) -> Iterator[str]:
    if others := sorted(set(info["transports"]) - {TRANSPORT}):
        yield f"Janus also listens by {', '.join(others)}."
    if others := sorted(set(info["plugins"]) - {janus.PLUGIN}):
        yield f"Janus also runs {', '.join(others)}."
    if not info.get("api_secret", True):
        yield "Janus asks for no api_secret."


async def _of_rooms(session: Session) -> Any:
    handle = await session.attach(lambda _: None)
    room = str(uuid4())
    try:
        await session.request(handle, {"request": "create", "room": room, "is_private": True})
    except MediaError:
        return
    yield "The VideoRoom plugin makes rooms without an admin_key."
    await session.request(handle, {"request": "destroy", "room": room})
