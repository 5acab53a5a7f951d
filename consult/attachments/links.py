"""Links to an attachment's bytes: signed, for one person in one session, for ten minutes; access is asked again at every use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from django.core import signing
from django.utils import timezone

from consult.attachments.uploads import readable
from records.errors import ErrorKind, Refused
from records.sessions import session_tag

if TYPE_CHECKING:
    from consult.models.attachments import Attachment
    from records.people import Person

Size = Literal["full", "thumb"]

LINK_SECONDS: Final = 600
LONGEST_TOKEN: Final = 300  # characters

LINK: Final = ErrorKind(
    "attachment.link",
    403,
    "这个链接已失效，或不属于您。请回到对话里重新打开。",
    "This link has expired or is not yours. Open it again.",
)


def link(person: Person, session_key: str, attachment: Attachment, size: Size) -> tuple[str, datetime]:
    """(token, when it ends). It says nothing by itself, and opens nothing for anybody else."""
    token = _signer(person, session_key).sign(f"{attachment.id.hex}{size[0]}")
    return token, timezone.now() + timedelta(seconds=LINK_SECONDS)


def followed(person: Person, session_key: str, token: str) -> tuple[Attachment, Size]:
    """What a token leads to. Raises Refused(LINK) for a foreign, ended or altered one, and where access has ended since."""
    try:
        said = _signer(person, session_key).unsign(token[:LONGEST_TOKEN], max_age=LINK_SECONDS)
        return readable(person, UUID(said[:-1])), "full" if said.endswith("f") else "thumb"
    except (signing.BadSignature, Refused) as error:
        raise Refused(LINK) from error


def _signer(person: Person, session_key: str) -> signing.TimestampSigner:
    """Signatures of one person's session: another's does not verify."""
    return signing.TimestampSigner(salt=f"xinqiao.attachment:{person.id}:{session_tag(session_key)}")
