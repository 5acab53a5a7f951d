"""Reads the settings of one deployment from environment variables.

Every reader raises `ImproperlyConfigured` naming the variable, so that a wrong value stops the start instead of surfacing later.
"""

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}
HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")
    return value in TRUE


def choice(name: str, *values: str) -> str:
    """One of `values`; the first unless set."""
    value = text(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(values)}, not {value!r}")
    return value


def number(name: str, default: int, *, least: int = 1) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)


def hours(name: str, default: str) -> tuple[int, int]:
    """`07:00-20:00` as minutes of the day, the first before the second."""
    value = text(name, default)
    match = HOURS.fullmatch(value)
    opens, closes = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if not opens < closes <= 24 * 60:
        raise ImproperlyConfigured(f"{name} must be like 07:00-20:00, not {value!r}")
    return opens, closes


def weekdays(name: str, default: str) -> frozenset[int]:
    """Comma-separated ISO weekdays, Monday 1."""
    given = listed(name, default)
    if not given or any(day not in set("1234567") for day in given):
        raise ImproperlyConfigured(f"{name} must be days from 1 (Monday) to 7, not {','.join(given)!r}")
    return frozenset(int(day) for day in given)


def oversight() -> dict[str, Any]:
    """From how many on the access log gives a hint, when duty is, and how many days a month's review may take."""
    opens, closes = hours("XINQIAO_DUTY_HOURS", "07:00-20:00")
    return {
        "patients": number("XINQIAO_HINT_PATIENTS", 20, least=2),
        "exports": number("XINQIAO_HINT_EXPORTS", 5, least=2),
        "off_duty": number("XINQIAO_HINT_OFF_DUTY", 5),
        "opens": opens,
        "closes": closes,
        "days": weekdays("XINQIAO_DUTY_DAYS", "1,2,3,4,5,6"),
        "due_days": number("XINQIAO_REVIEW_DAYS", 10),
    }


def listed(name: str, default: str = "") -> list[str]:
    """Return the comma-separated values, without the empty ones."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def private_directory(path: Path) -> Path:
    """Return `path`, made for this account alone (0700) when it is absent."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def secret_file(path: Path, length: int = 48) -> str:
    """Return the secret kept in `path`, made on first use with mode 0600.

    Two processes that start at once agree: the file is linked into place complete, and only one link can win.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(length))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    require_private(path)
    return path.read_text().strip()


def require_private(path: Path) -> None:
    """Raise unless `path` is a regular file that only its owner can read (0600 or stricter)."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise ImproperlyConfigured(f"{path} must be a file of mode 0600, not {stat.filemode(status.st_mode)}")


def sqlite(path: Path) -> dict[str, Any]:
    """Return Django's settings for one SQLite file: WAL, every commit synced, writers queue at BEGIN.

    Pages of 2 KiB (of a file made from now on): a message grows three indexes where its consultation ends, and each growth writes a page.
    The checkpoint runs on the writer every 8,000 pages: in the background it cannot keep up and the WAL grows without bound.
    `secure_delete` overwrites what is deleted, so that a shredded key does not stay readable in a free page.
    """
    pragmas = ("page_size=2048", "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000", "secure_delete=ON")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": " ".join(f"PRAGMA {pragma};" for pragma in pragmas),
        },
        # A file, because an in-memory test database has no WAL and no second process.
        "TEST": {"NAME": path.with_name(f"test-{path.name}")},
    }


def postgresql(url: str, pool_size: int) -> dict[str, Any]:
    """Return Django's settings for a libpq URL, with psycopg's pool.

    A pool instead of CONN_MAX_AGE: under Daphne each thread would keep a connection of its own and never give it back. Each is looked at
    when a request takes it: after a restart of PostgreSQL every one of them is dead, and would fail somebody's request to say so.
    """
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user@host:5432/name") from error
    options = {
        "pool": {"min_size": 1, "max_size": pool_size, "timeout": 10},
        "application_name": "xinqiao",
        # Only the message writer prepares statements. Left to choose, PostgreSQL plans them anew each time, at the price of running them.
        "options": "-c plan_cache_mode=force_generic_plan",
    }
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    values = {ours: str(parts.pop(theirs, None) or "") for ours, theirs in names.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **values,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, **parts},
    }


def database(data: Path) -> dict[str, Any]:
    """Return Django's settings for DATABASE_URL, or for the embedded SQLite file when it is not set."""
    url = text("DATABASE_URL")
    if not url:
        return sqlite(data / "xinqiao.sqlite3")
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    return postgresql(url, number("XINQIAO_DATABASE_POOL", 16))


def celery_broker(redis_url: str) -> str:
    """Return Celery's spelling of a Redis URL: it says `redis+socket://` where channels_redis says `unix://`."""
    if not redis_url:
        return "memory://localhost/"  # a host only so that kombu does not warn that there is none
    parts = urlsplit(redis_url)
    if parts.scheme in {"redis", "rediss"}:
        return redis_url
    if parts.scheme != "unix":
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://")
    database_number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database_number}"
