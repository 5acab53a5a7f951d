"""The ledger's rows: chains of leaves, the leaves still to be sequenced, and the one tree over all of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Whole = models.BigIntegerField[int, int]
    OneToOne = models.OneToOneField["Leaf", "Leaf"]
else:
    Whole, OneToOne = models.BigIntegerField, models.OneToOneField


class Chain(models.Model):
    """One gap-free sequence of leaves: a consultation or a thread beside one, a patient's notices, a broadcast, a chart, a grant,
    a hold, what a patient asked for, a sample of cases, a month of the access log, or the system's own.

    `last_seq` and `head` are the only mutable ledger state of the chain; both move in the transaction that adds the leaves.
    """

    class Kind(models.TextChoices):
        CONSULTATION = "consultation"
        SIDE = "side"
        NOTICES = "notices"
        BROADCAST = "broadcast"
        CHART = "chart"
        GRANT = "grant"
        SYSTEM = "system"
        HOLD = "hold"
        RIGHTS = "rights"
        SAMPLING = "sampling"
        OVERSIGHT = "oversight"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    last_seq = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=bytes(32))  # 32 zero bytes: nothing yet

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Leaf(models.Model):
    """One durable act. Append-only in the database too (see the migrations)."""

    id = models.BigAutoField(primary_key=True)
    # No index of its own: the constraint below begins with it, and every index is paid for by every message.
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="leaves", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    at = models.BigIntegerField()  # ms since epoch
    data = models.BinaryField()  # the canonical JSON (RFC 8785) that is hashed
    hash = models.BinaryField(max_length=32)  # SHA-256(0x00 || data), RFC 9162 leaf hash

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "seq"], name="leaf_seq_once")]

    def __str__(self) -> str:
        return f"{self.chain_id}#{self.seq} {self.kind}"


class RowNumber(Whole):
    """A whole number as primary key. On SQLite it is the row's own number: no index stands beside the table."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class LeafNumber(OneToOne):
    """`RowNumber`, where it is the number of a leaf."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class PendingLeaf(models.Model):
    """The outbox: a leaf committed with its act and not yet in the tree."""

    # No constraint, here and below: leaves are never deleted, the guards see to it, and each check is paid for by every message.
    leaf = LeafNumber(Leaf, on_delete=models.PROTECT, primary_key=True, db_constraint=False)

    def __str__(self) -> str:
        return str(self.leaf_id)


class TreeEntry(models.Model):
    """A leaf's place in the Merkle tree. Append-only; `index` counts from 0 without gaps."""

    index = RowNumber(primary_key=True)
    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, related_name="place", db_constraint=False)

    def __str__(self) -> str:
        return str(self.index)


class Tile(models.Model):
    """256 neighbouring hashes of one level of the tree, complete (c2sp.org/tlog-tiles). Append-only.

    Level 0 holds leaf hashes; level L holds the roots of 256 tiles of level L-1. The ragged right edge needs no tile: it is read from
    the tree entries and the roots of the tiles below.
    """

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()  # hashes 256 * index .. 256 * index + 255 of the level
    hashes = models.BinaryField()  # 256 * 32 bytes
    root = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="tile_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed tree head: one commit of the sequencer. Append-only; two of one size cannot exist."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()  # the C2SP signed note, which alone is evidence
    at = models.BigIntegerField()  # ms since epoch, by this server's clock

    def __str__(self) -> str:
        return str(self.size)


class Cosignature(models.Model):
    """A witness's word that a checkpoint continues all that it saw before of this log. Append-only."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures", db_index=False)
    witness = models.CharField(max_length=200)  # the name of its key
    at = models.BigIntegerField()  # ms since epoch, by the witness's clock
    line = models.TextField()  # the C2SP signature line, which alone is evidence

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosigned_once")]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.witness}"


class Timestamp(models.Model):
    """An authority's word that a checkpoint existed at a time (RFC 3161). Append-only."""

    checkpoint = models.OneToOneField(Checkpoint, on_delete=models.PROTECT, related_name="timestamp", primary_key=True)
    at = models.BigIntegerField()  # ms since epoch, by the authority's clock
    response = models.BinaryField()  # the whole answer in DER, which alone is evidence

    def __str__(self) -> str:
        return str(self.checkpoint_id)
