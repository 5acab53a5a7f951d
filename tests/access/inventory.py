"""What the server really answers, read from its URLconf and its command table."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from chat_server import asgi


def _patterns(found: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, prefix + str(one.pattern))
        else:
            assert isinstance(one, URLPattern)
            yield prefix + str(one.pattern), one.callback


def _operations(view: Any) -> list[Any]:
    """The ninja operations behind a view of the URLconf; none for any other view."""
    cells = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
    return [operation for cell in cells for operation in getattr(cell, "operations", [])]


def plain() -> set[str]:
    """Addresses that are no endpoint of the REST interface."""
    return {route for route, view in _patterns(get_resolver().url_patterns) if not _operations(view)}


def outside() -> set[str]:
    """Addresses that never reach the URLconf, or reach it past a reader of long bodies: those of the ASGI application."""
    return {str(route.pattern) for router in (asgi.http, asgi.sockets) for route in router.routes}


def endpoints() -> dict[str, str | None]:
    """`METHOD /address/{parameter}` -> the action that it names, None where it names none."""
    found: dict[str, str | None] = {}
    for route, view in _patterns(get_resolver().url_patterns):
        for operation in _operations(view):
            for method in operation.methods:
                found[f"{method} /{_shown(route)}"] = (operation.openapi_extra or {}).get("x-action")
    return found


def _shown(route: str) -> str:
    """`<uuidstr:patient_id>` as `{patient_id}`."""
    parts = []
    for part in route.split("/"):
        name = part.strip("<>").rpartition(":")[2]
        parts.append(f"{{{name}}}" if part.startswith("<") else part)
    return "/".join(parts)
