"""Every address that the server answers."""

from django.urls import URLPattern, URLResolver, path, re_path

from chat_server import frontend, health
from chat_server.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    # Signing in goes through the API alone: allauth's own addresses would let strangers register, and leave no trace in the ledger.
    path("api/", api.urls),
    path("static/<path:path>", frontend.static, name="static"),
    path("sw.js", frontend.worker, name="worker"),
    # Last: the browser routes what the server does not. Addresses of the server's own never fall through to a page.
    re_path(r"^(?!api/|ws/|accounts/|static/)(?P<path>.*)$", frontend.page, name="page"),
]

handler404 = "records.api.errors.missing"
handler500 = "records.api.errors.crashed"
