"""The child process that sets a printed form: `python typeset.py`, an HTML page in, a PDF out.

The page holds words of patients and strangers, escaped; should a fault of the typesetter let them act, they find nothing here: no
database, no key, no secret in the environment, no address that is fetched, no file that can be written, no process and no socket,
and bounded memory and time. It imports nothing of the product.

stdin: the page. stdout: the PDF. A page that cannot be set ends with a code other than 0 and prints nothing.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any, Final, NoReturn

MAX_BYTES: Final = 16 * 1024 * 1024  # of the page
MEMORY_BYTES: Final = 3 * 1024 * 1024 * 1024
CPU_SECONDS: Final = 240
WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.remove", "os.rename")


def confine() -> None:
    """Bound what this process may use. Fonts are read while it works, so reading files cannot be refused altogether."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN) or (event == "open" and int(arguments[2] or 0) & WRITING):
        raise PermissionError(event)


class Nothing:
    """The fetcher of a form that loads nothing: an address in it is a fault or an attack, and ends the work."""

    _fail_on_errors = True

    def __call__(self, url: str, *_: object, **__: object) -> NoReturn:
        raise PermissionError("an address in the form")


def main() -> None:
    from weasyprint import HTML  # noqa: PLC0415 - only this process ever needs it

    confine()
    page = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(page) > MAX_BYTES:
        sys.exit("too long")
    sys.stdout.buffer.write(HTML(string=page.decode(), url_fetcher=Nothing()).write_pdf())


if __name__ == "__main__":
    main()
