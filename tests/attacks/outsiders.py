"""More removals: of what an outsider checks, a pack or the whole ledger, in the form of `removals`."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

Patch = pytest.MonkeyPatch


def rows_are_believed(patch: Patch) -> None:
    """The bytes of a message are compared, and not what its row says of them."""
    patch.setattr("records.ledger.contents.Stored.agrees", lambda *_: True)


def shorter_trees_are_not_compared(patch: Patch) -> None:
    """As a monitor that asks only whether a newer tree continues an older one."""
    require = importlib.import_module("records.ledger.monitoring")._require_continues

    def newer_alone(url: str, old: Any, new: Any, report: Any, code: str) -> None:
        if code != "cosigned_split":
            require(url, old, new, report, code)

    patch.setattr("records.ledger.monitoring._require_continues", newer_alone)


def any_stamp_in_a_pack_counts(patch: Patch) -> None:
    patch.setattr("records.pack.verify_pack.check_stamp", lambda *_: "whoever")


def any_certificate_stamps(patch: Patch) -> None:
    patch.setattr("records.pack.verify_pack.is_named", lambda *_: True)


def an_old_tree_vouches_for_everything(patch: Patch) -> None:
    patch.setattr("records.pack.verify_pack.Verifier._beyond", lambda *_: [])


def every_reason_is_believed(patch: Patch) -> None:
    patch.setattr("records.pack.verify_pack.Verifier._excluded", lambda *_: True)


def any_entry_proves_a_reading(patch: Patch) -> None:
    """As it was when the time alone was compared."""
    verify_pack = importlib.import_module("records.pack.verify_pack")

    def check(self: Any, row: dict[str, Any]) -> None:
        if row["chain"] is not None and self.leaves[row["chain"], row["seq"]].body["at"] != row["at"]:
            raise verify_pack.Bad("access.wrong")

    patch.setattr("records.pack.verify_pack.Verifier._check_access", check)
    patch.setattr("records.pack.verify_pack.Verifier._note_unlisted", lambda _: None)
