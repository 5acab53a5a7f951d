"""Errors people can act on: a code, a sentence in both languages, and whether trying again can help.

A kind is declared once, next to what raises it; edges (REST, sockets) translate `Refused` and nothing else.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One thing that can go wrong. `status` is the HTTP status; sockets send code and message alone."""

    code: str
    status: int
    zh: str
    en: str
    retry: bool = False


class Refused(Exception):
    """The act was not done, and nothing was stored. `fields` names bad inputs: {field: {"zh": ..., "en": ...}}.

    `retry_after`: seconds after which trying again can help, where that is known.
    """

    def __init__(
        self, kind: ErrorKind, fields: Mapping[str, Mapping[str, str]] | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.fields = fields
        self.retry_after = retry_after

    def payload(self) -> dict[str, Any]:
        """The JSON body shared by REST answers and socket error frames."""
        body: dict[str, Any] = {
            "code": self.kind.code,
            "message": {"zh": self.kind.zh, "en": self.kind.en},
            "retry": self.kind.retry,
        }
        if self.fields:
            body["fields"] = self.fields
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body


def raised(exc: BaseException) -> list[str]:
    """Types and places of an exception and of its causes, without messages: those repeat what people wrote."""
    lines: list[str] = []
    current: BaseException | None = exc
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)[-8:]
        places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append(f"{type(current).__name__} at {' < '.join(reversed(places))}")
        current = current.__cause__ or current.__context__
    return lines


SIGNED_OUT: Final = ErrorKind("signed_out", 401, "请先登录。", "Please sign in.")
# Missing and forbidden answer alike, so that ids cannot be probed.
NOT_FOUND: Final = ErrorKind("not_found", 404, "没有找到，或您没有权限查看。", "Not found, or not yours to see.")
BAD_INPUT: Final = ErrorKind(
    "bad_input", 422, "有内容需要改一下，您填的都还在。", "Something needs changing. What you entered is safe."
)
CLIENT_ID_CONFLICT: Final = ErrorKind(
    "client_id.conflict", 409, "这条内容的编号已用于另一条内容。", "This id was already used for something else."
)
DRAFT_NEWER: Final = ErrorKind(
    "draft.newer",
    409,
    "您在另一台设备上写了新的内容，两份都还在。",
    "You wrote something newer on another device. Both are kept.",
)
TOO_MANY: Final = ErrorKind("too_many", 429, "操作太快了，请稍等再试。", "Too many requests. Please wait a moment.", retry=True)
UNAVAILABLE: Final = ErrorKind(
    "unavailable",
    503,
    "系统暂时忙，您的内容还在，请再试一次。",
    "The service is busy. Your content is safe; try again.",
    retry=True,
)
