"""Every address that the server answers."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from chat_server import frontend, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    path("_allauth/", include("allauth.headless.urls")),
    path("static/<path:path>", frontend.static, name="static"),
    # Last: the browser routes what the server does not. Addresses of the server's own never fall through to a page.
    re_path(r"^(?!api/|ws/|accounts/|_allauth/|static/)(?P<path>.*)$", frontend.page, name="page"),
]
