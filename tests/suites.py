"""Sealing as a deployment with another XINQIAO_SUITE does it."""

import pytest

from records.vault import sealing
from records.vault.suites import NAMES, OWN, SUITES


def use(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    mark = OWN[NAMES[name]]
    monkeypatch.setattr(sealing, "CURRENT", mark)
    monkeypatch.setattr(sealing, "_suite", SUITES[mark])
