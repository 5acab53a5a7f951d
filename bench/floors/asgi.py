"""The floors behind one Daphne: `/echo/` keeps nothing, `/ws/<consultation>/` is a chat the tutorial way."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.floors.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()  # loads the apps

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from bench.floors.models import Message  # noqa: E402


class Echo(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Sends back what it hears."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=text_data)


class Chat(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One transaction a message through the ORM, then an acknowledgement, then the group."""

    async def connect(self) -> None:
        self.consultation = self.scope["url_route"]["kwargs"]["consultation"]
        self.group = f"consultation.{self.consultation}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any) -> None:
        create = Message.objects.create  # type: ignore[attr-defined]  # mypy reads the product's settings
        await database_sync_to_async(create)(
            consultation=self.consultation, client_id=content["client_id"], text=content["text"]
        )
        await self.send_json({"type": "ack", "id": content["id"]})
        event = {"type": "message.posted", "client_id": content["client_id"], "text": content["text"]}
        await self.channel_layer.group_send(self.group, event)

    async def message_posted(self, event: dict[str, Any]) -> None:
        await self.send_json(event)


route: Any = re_path
sockets = [route(r"^echo/$", Echo.as_asgi()), route(r"^ws/(?P<consultation>[0-9a-f-]+)/$", Chat.as_asgi())]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(sockets)})
