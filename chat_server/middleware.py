"""Headers that every response carries, and the session's cookie."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; "
    # Components set style attributes through the CSSOM, which this allows; style elements and markup it does not.
    "style-src 'self'; "
    # Decrypted pictures and recordings are shown from blob: addresses.
    "img-src 'self' blob:; media-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Medical content must not stay in a shared browser; static files set their own.
    "Cache-Control": "no-store",
}

Sync = Callable[[HttpRequest], HttpResponse]
Async = Callable[[HttpRequest], Awaitable[HttpResponse]]


def add_headers(response: HttpResponse) -> HttpResponse:
    """Set each header that the view did not set itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@sync_and_async_middleware
def security_headers(get_response: Sync | Async) -> Sync | Async:
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponse:
            return add_headers(await get_response(request))

        return respond_async

    def respond(request: HttpRequest) -> HttpResponse:
        return add_headers(get_response(request))  # type: ignore[arg-type]

    return respond


class Sessions(SessionMiddleware):
    """Django's, but a cookie that is worth nothing is left where it is: by the time the answer comes, the browser may have another for it,
    which the answer would take away. That is how a changed password would sign out the page that changed it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.session.modified or not request.session.is_empty():
            return super().process_response(request, response)
        if request.session.accessed:
            patch_vary_headers(response, ("Cookie",))
        return response
