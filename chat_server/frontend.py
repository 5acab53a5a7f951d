"""The built front end: one page, and the files that it loads.

In production nginx answers these addresses itself; this keeps the embedded deployment at one process.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from chat_server.builds import StaticFile, builds_of


def files() -> dict[str, StaticFile]:
    """Every file of the build by its path below XINQIAO_FRONTEND."""
    return builds_of(settings.XINQIAO_FRONTEND).files()


@require_safe
def static(request: HttpRequest, path: str) -> HttpResponse:
    """Answer one file of the build; names under assets/ carry a hash of their content, so they may be kept for ever."""
    try:
        return answer(request, files()[path])
    except KeyError:
        raise Http404 from None


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the service worker. It stands at the root, because it looks after addresses below its own only, and is asked for anew at every
    start, because it decides which version a browser shows."""
    return static(request, "sw.js")


@require_safe
def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer the one page for every address that the browser routes itself."""
    try:
        return answer(request, files()["index.html"])
    except KeyError:
        return HttpResponse("The front end is not built: npm ci && npm run build in frontend/.\n", status=503)


def answer(request: HttpRequest, file: StaticFile) -> HttpResponse:
    if file.etag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    elif file.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(file.zipped, content_type=typed(file), headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(file.body, content_type=typed(file))
    response.headers["ETag"] = file.etag
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if file.hashed_name else "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def typed(file: StaticFile) -> str:
    return f"{file.media_type}; charset=utf-8" if file.media_type.startswith("text/") else file.media_type
