"""The ASGI application: HTTP goes to Django."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")

application = get_asgi_application()
