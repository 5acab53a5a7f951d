"""Logging: one line per event, JSON in production and readable on a terminal.

What people write never reaches a log: no request body is logged, and of an exception only its types and places are, since its message
and its local variables may repeat what was written.
"""

import sys
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

from records.errors import raised

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def types_and_places(_logger: Any, _name: str, event: Any) -> Any:
    """A structlog processor: an exception becomes `raised`, without its words."""
    info = event.pop("exc_info", None)
    found = sys.exc_info() if info is True else info
    exception = found[1] if isinstance(found, tuple) else found
    if isinstance(exception, BaseException):
        event["raised"] = raised(exception)
    return event


RENDERERS: dict[str, list[Any]] = {
    "json": [types_and_places, structlog.processors.JSONRenderer(ensure_ascii=False)],
    "console": [types_and_places, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)],
}


def logging_config(style: str, level: str) -> dict[str, Any]:
    """Return the `dictConfig` for one style (`json` or `console`) and configure structlog to go through it."""
    if style not in RENDERERS:
        raise ImproperlyConfigured(f"XINQIAO_LOG must be one of {', '.join(RENDERERS)}, not {style!r}")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "foreign_pre_chain": [*SHARED, structlog.stdlib.PositionalArgumentsFormatter()],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *RENDERERS[style]],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Chatty at INFO, and nothing an operator acts on.
            "daphne": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
            "faster_whisper": {"level": "WARNING"},
            # SQL with its parameters would be content.
            "django.db.backends": {"level": "WARNING"},
        },
    }
