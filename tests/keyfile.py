"""A key file as an operator would mount it: in production the server makes none by itself."""

import base64
import json
import secrets
import time
import uuid
from pathlib import Path


def write_key_file(path: Path) -> None:
    """Write a new key file of mode 0600 in the format of `records.vault.keyring.file`, unless there is one."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    key = {"key": base64.b64encode(secrets.token_bytes(32)).decode(), "since": int(time.time() * 1000)}
    path.write_text(
        json.dumps({"format": 1, "deployment": str(uuid.uuid4()), "id": "test", "current": 1, "versions": {"1": key}})
    )
