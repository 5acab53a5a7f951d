"""What a password has to be, and those that an operator made: good for one sign-in, at which its person chooses another."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from records.errors import ErrorKind, Refused
from records.people import Person

MADE_DAYS: Final = 30  # for so long a password that an operator made opens anything

WRONG: Final = ErrorKind(
    "password.wrong", 422, "现在的密码不对，请再试一次。", "The current password is not right. Please try again."
)
SHORT: Final = ErrorKind(
    "password.short",
    422,
    f"新密码至少 {settings.XINQIAO_PASSWORD_LENGTH} 个字符。",
    f"A password has at least {settings.XINQIAO_PASSWORD_LENGTH} characters.",
)
COMMON: Final = ErrorKind(
    "password.common", 422, "这个密码太常见，容易被猜中。", "That password is a common one, and easily guessed."
)
SIMILAR: Final = ErrorKind(
    "password.similar",
    422,
    "这个密码与您的登录名、姓名或病案号太相似。",
    "That password is too much like your sign-in name, your name or your record number.",
)
SAME: Final = ErrorKind(
    "password.same", 422, "新密码要与现在的密码不同。", "The new password must be another than the current one."
)
LAPSED: Final = ErrorKind(
    "password.lapsed",
    403,
    "这个初始密码已过期，请向医院要一个新的。",
    "This first password has run out. Please ask the hospital for a new one.",
)
# Django's validators in our words.
KINDS: Final = {"password_too_short": SHORT, "password_too_common": COMMON, "password_too_similar": SIMILAR}


def must_be_good(person: Person, new: str) -> None:
    """Raises Refused, with the field `new`: SHORT, COMMON or SIMILAR, or SAME as the one there is."""
    try:
        validate_password(new, person)
    except ValidationError as error:
        raise refused("new", KINDS[error.error_list[0].code or ""]) from error
    if person.check_password(new):
        raise refused("new", SAME)


def put(person: Person, new: str) -> Person:
    """Keep a password that its person chose. Returns them locked. Raises Refused(WRONG) when the one it follows was changed meanwhile.

    Runs inside `transaction.atomic()`.
    """
    kept = Person.objects.select_for_update(no_key=True).get(id=person.id)
    if not constant_time_compare(kept.password, person.password):
        raise refused("old", WRONG)
    kept.set_password(new)
    kept.password_made_at = None
    kept.save(update_fields=["password", "password_made_at"])
    return kept


def is_made(person: Person) -> bool:
    """Whether an operator made this person's password."""
    return person.password_made_at is not None


def must_open(person: Person) -> None:
    """Raises Refused(LAPSED) for a password that an operator made too long ago."""
    if person.password_made_at is not None and timezone.now() - person.password_made_at > timedelta(days=MADE_DAYS):
        raise Refused(LAPSED)


def refused(field: str, kind: ErrorKind) -> Refused:
    """`kind`, said at one field."""
    return Refused(kind, {field: {"zh": kind.zh, "en": kind.en}})
