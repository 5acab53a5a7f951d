"""Every address that the server answers."""

from django.urls import URLPattern, URLResolver, path, re_path

from chat_server import frontend, health
from chat_server.api import api
from records.api import log

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    # Signing in goes through the API alone: allauth's own addresses would let strangers register, and leave no trace in the ledger.
    path("api/", api.urls),
    # The log's own addresses, for monitors and witnesses: signed and hashed, without a person behind them.
    path("ledger/checkpoint", log.checkpoint, name="checkpoint"),
    path("ledger/cosigned-checkpoint", log.cosigned_checkpoint, name="cosigned-checkpoint"),
    path("ledger/tile/<path:path>", log.tile, name="tile"),
    path("static/<path:path>", frontend.static, name="static"),
    path("sw.js", frontend.worker, name="worker"),
    # Last: the browser routes what the server does not. Addresses of the server's own never fall through to a page.
    re_path(r"^(?!api/|ws/|accounts/|static/|ledger/)(?P<path>.*)$", frontend.page, name="page"),
]

handler404 = "records.api.errors.missing"
handler500 = "records.api.errors.crashed"
