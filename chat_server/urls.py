"""Every address that the server answers."""

from django.urls import URLPattern, URLResolver, include, path

from chat_server import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    path("_allauth/", include("allauth.headless.urls")),
]
