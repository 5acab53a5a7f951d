"""Is the process alive, and can it do its work? For a load balancer and for systemd; no names, no counts, no sign-in."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from chat_server import background


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works, or 503 with the name of the part that does not."""
    parts = {"database": database_answers(), **background.parts_alive()}
    healthy = all(parts.values())
    return JsonResponse({"status": "ok" if healthy else "failing", "parts": parts}, status=200 if healthy else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
