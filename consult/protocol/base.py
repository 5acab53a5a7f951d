"""What every command and every frame is."""

from __future__ import annotations

from msgspec import Struct

from consult.protocol.values import RequestId


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Asks for one act; `id` comes back in the ack or the error."""

    id: RequestId


class Frame(Struct, frozen=True, tag_field="type"):
    """One thing that the server says."""
