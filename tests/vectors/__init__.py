"""Published test vectors, one file a source; each names where it is from."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """Return the body of `name`.json."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text())
