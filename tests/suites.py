"""Sealing as a deployment with another XINQIAO_SUITE does it."""

import pytest

from records.vault import sealing
from records.vault.suites import NAMES, SUITES


def use(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sealing, "CURRENT", NAMES[name])
    monkeypatch.setattr(sealing, "_suite", SUITES[NAMES[name]])
