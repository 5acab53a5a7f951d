"""The ASGI application: sockets and polls to the consultation, other HTTP to Django."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")

django = get_asgi_application()  # loads the apps: what follows imports models

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from chat_server import bodies, checks  # noqa: E402
from consult.sockets import admission, consumers, polling  # noqa: E402
from transcription import uploads  # noqa: E402

checks.refuse_open_demo()

route: Any = re_path  # channels' URLRouter takes ASGI applications; Django's types know only views
http = URLRouter(
    [
        # The addresses with long bodies: the same Django, reading from the connection instead of from a file.
        route(r"^api/followups/[^/]+/recordings$", uploads.application),
        route(r"^api/consultations/[^/]+/(attachments|voice-notes)$", uploads.application),
        route(r"^api/tracks/[^/]+$", uploads.application),
        route(r"^api/exchange/calls$", uploads.application),
        # Waits for news up to half a minute: outside Django, whose middleware would hold a thread meanwhile.
        route(r"^poll/$", polling.application),
        # Before every socket, which opens in a third of the time without Django's middleware.
        route(r"^api/session/socket-ticket$", admission.application),
        route(r"", bodies.bounded(django)),
    ]
)
# The socket reads its session itself: Channels' middleware stands in the way of every frame that is sent.
sockets = URLRouter([route(r"^ws/$", consumers.application)])

application = ProtocolTypeRouter({"http": http, "websocket": sockets})
