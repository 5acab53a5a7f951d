"""Every error of the REST interface, said the same way: {code, message: {zh, en}, retry, ref, fields?}."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from records.errors import BAD_INPUT, NOT_FOUND, SIGNED_OUT, ErrorKind, Refused, raised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ninja import NinjaAPI

log = structlog.get_logger(__name__)

MALFORMED: Final = ErrorKind("malformed", 400, "请求的内容无法读取。", "The request could not be read.")
TOO_BIG: Final = ErrorKind("too_big", 413, "内容太大，请分开发送。", "That is too large. Please send it in parts.")
CROSS_SITE: Final = ErrorKind(
    "cross_site", 403, "页面已过期，请刷新后再试。", "This page has expired. Please reload it and try again.", retry=True
)
INTERNAL: Final = ErrorKind(
    "internal",
    500,
    "刚才没成功。您填的内容都在，请再试一次。",
    "That did not work. What you entered is safe. Please try again.",
    retry=True,
)

Sentence = tuple[str, str]  # Chinese, English; {names} are filled from our own bounds, never from what was sent
REQUIRED: Final[Sentence] = ("请填写这一项。", "Please fill this in.")
NOT_TEXT: Final[Sentence] = ("这里请填文字。", "Please enter text here.")
NOT_NUMBER: Final[Sentence] = ("这里请填数字。", "Please enter a number here.")
NOT_CHOICE: Final[Sentence] = ("请从列出的选项中选择。", "Please choose one of the options given.")
NOT_TIME: Final[Sentence] = (
    "请填写日期和时间，例如 2026-11-21T14:05:00Z。",
    "Enter a date and time, for example 2026-11-21T14:05:00Z.",
)
OTHERWISE: Final[Sentence] = ("这里需要改一下。", "This needs changing.")

# pydantic's error types (https://docs.pydantic.dev/latest/errors/validation_errors/) in our words.
SENTENCES: Final[dict[str, Sentence]] = {
    "missing": REQUIRED,
    "extra_forbidden": ("没有这一项。", "There is no such field."),
    "string_too_short": ("至少要写 {min_length} 个字。", "Enter at least {min_length} characters."),
    "string_too_long": ("最多 {max_length} 个字。", "Enter at most {max_length} characters."),
    "string_type": NOT_TEXT,
    "string_unicode": ("这里有无法识别的字符。", "This contains characters that cannot be read."),
    "string_pattern_mismatch": ("格式不对。", "This does not have the right form."),
    "int_type": NOT_NUMBER,
    "int_parsing": NOT_NUMBER,
    "int_from_float": ("这里请填整数。", "Please enter a whole number here."),
    "float_type": NOT_NUMBER,
    "float_parsing": NOT_NUMBER,
    "finite_number": NOT_NUMBER,
    "greater_than_equal": ("不能小于 {ge}。", "This cannot be less than {ge}."),
    "less_than_equal": ("不能大于 {le}。", "This cannot be more than {le}."),
    "greater_than": ("要大于 {gt}。", "This must be more than {gt}."),
    "less_than": ("要小于 {lt}。", "This must be less than {lt}."),
    "too_short": ("至少要选 {min_length} 项。", "Choose at least {min_length}."),
    "too_long": ("最多 {max_length} 项。", "At most {max_length} are allowed."),
    "literal_error": NOT_CHOICE,
    "enum": NOT_CHOICE,
    "uuid_type": ("编号的格式不对。", "This is not an id."),
    "uuid_parsing": ("编号的格式不对。", "This is not an id."),
    "datetime_type": NOT_TIME,
    "datetime_parsing": NOT_TIME,
    "datetime_from_date_parsing": NOT_TIME,
    "timezone_aware": ("时间要带时区。", "The time needs a time zone."),
    "date_parsing": ("请填写日期，例如 2026-11-21。", "Enter a date, for example 2026-11-21."),
    "date_from_datetime_parsing": ("请填写日期，例如 2026-11-21。", "Enter a date, for example 2026-11-21."),
    "bool_type": ("这里请填是或否。", "Please enter true or false here."),
    "bool_parsing": ("这里请填是或否。", "Please enter true or false here."),
}


def answer(kind: ErrorKind, fields: Mapping[str, Mapping[str, str]] | None = None, **more: Any) -> JsonResponse:
    """The response that says `kind`; `more` adds members to the body."""
    body = {**Refused(kind, fields).payload(), "ref": None, **more}
    return JsonResponse(body, status=kind.status, json_dumps_params={"ensure_ascii": False})


def field_errors(errors: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """pydantic's errors as {field: {zh, en}}, the first one of each field. What was sent is never repeated."""
    fields: dict[str, dict[str, str]] = {}
    for error in errors:
        bounds = error.get("ctx", {})
        empty = bounds.get("min_length") == 1
        zh, en = REQUIRED if empty else SENTENCES.get(error["type"], OTHERWISE)
        fields.setdefault(_field(error["loc"]), {"zh": zh.format_map(bounds), "en": en.format_map(bounds)})
    return fields


def _field(loc: Sequence[int | str]) -> str:
    """ninja's locations are (source, parameter, field ...); a field of a body is known to its sender without the first two."""
    inner = loc[2:] if loc and loc[0] == "body" and len(loc) > 2 else loc[1:]  # noqa: PLR2004
    return ".".join(str(part) for part in inner) or "body"


def install(api: NinjaAPI) -> None:
    """Make `api` answer every error in this form."""
    for kind, translate in TRANSLATIONS.items():
        api.add_exception_handler(kind, translate)


def _refused(request: HttpRequest, exc: Any) -> HttpResponse:
    if exc.retry_after is None:
        return answer(exc.kind, exc.fields)
    response = answer(exc.kind, exc.fields, retry_after=exc.retry_after)
    response["Retry-After"] = str(math.ceil(exc.retry_after))
    return response


def _invalid(request: HttpRequest, exc: Any) -> HttpResponse:
    # An id that is no id is an object that does not exist.
    if any(error["loc"][:1] == ("path",) for error in exc.errors):
        return answer(NOT_FOUND)
    return answer(BAD_INPUT, field_errors(exc.errors))


def _http(request: HttpRequest, exc: Any) -> HttpResponse:
    """ninja's own: a body that is not JSON (also when it is too big or too deep to be read)."""
    return answer(TOO_BIG if isinstance(exc.__cause__, RequestDataTooBig) else MALFORMED)


def _unexpected(request: HttpRequest, exc: Any) -> HttpResponse:
    ref = secrets.token_hex(4)
    log.error("unexpected", ref=ref, path=request.path, method=request.method, raised=raised(exc))
    return answer(INTERNAL, ref=ref)


def _always(kind: ErrorKind) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda _request, _exc: answer(kind)


# The nearest class of an exception's ancestry is chosen.
TRANSLATIONS: Final[dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = {
    Refused: _refused,
    AuthenticationError: _always(SIGNED_OUT),
    Http404: _always(NOT_FOUND),
    ValidationError: _invalid,
    RequestDataTooBig: _always(TOO_BIG),
    SuspiciousOperation: _always(MALFORMED),
    HttpError: _http,
    Exception: _unexpected,
}


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404: an address that nothing answers."""
    return answer(NOT_FOUND)


def crashed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: an error outside the API's own views, already logged by Django."""
    return answer(INTERNAL, ref=secrets.token_hex(4))
