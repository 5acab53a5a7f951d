"""A log line tells what happened, and nothing of what people wrote."""

import json
import logging
import logging.config

import pytest
import structlog
from django.conf import settings

from chat_server.logs import RENDERERS, logging_config

WRITTEN = "胸口疼 MARKER-7f3a"


@pytest.mark.parametrize("style", sorted(RENDERERS))
def test_an_exception_shows_types_and_places_and_none_of_its_words(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = logging_config(style, "INFO")
    logging.config.dictConfig(config)
    try:
        fail(WRITTEN)
        said = capsys.readouterr().err
    finally:
        logging.config.dictConfig(settings.LOGGING)
        logging_config("console", "INFO")
    assert "MARKER" not in said
    assert "ZeroDivisionError" in said
    assert "sealing_failed" in said
    assert "test_logs.py" in said
    if style == "json":
        lines = [json.loads(line) for line in said.splitlines()]
        assert [line["level"] for line in lines] == ["error", "error"]
        assert all(line["timestamp"].endswith("Z") for line in lines)


def stumble(words: list[str]) -> None:
    raise ZeroDivisionError(*words)


def fail(body: str) -> None:
    """Log an exception with what was written in its message and in a local variable, through both libraries."""
    words = body.split()
    try:
        stumble(words)
    except ZeroDivisionError:
        structlog.get_logger("one").error("sealing_failed", seq=7, exc_info=True)
        logging.getLogger("two").exception("sealing_failed")
