"""Somebody who owns the tables and has the ledger's key: what they can do without leaving a trace in either."""

from django.db import connection

from records.accesslog.models import AccessEntry
from records.ledger import checkpoints, signing, tree
from records.ledger.chains import now_ms
from records.ledger.leaves import EMPTY_HEAD
from records.ledger.models import Chain, Checkpoint, Cosignature, Leaf, PendingLeaf, Tile, Timestamp, TreeEntry
from tests.append_only import guards_lifted


def cut_back(size: int) -> None:
    """Undo the ledger to its first `size` entries, with everything that depends on them: consistent in itself."""
    constraints_now()
    with guards_lifted():
        Cosignature.objects.filter(checkpoint_id__gt=size).delete()
        Timestamp.objects.filter(checkpoint_id__gt=size).delete()
        Checkpoint.objects.filter(size__gt=size).delete()
        gone = list(TreeEntry.objects.filter(index__gte=size).values_list("leaf_id", flat=True))
        TreeEntry.objects.filter(index__gte=size).delete()
        gone += PendingLeaf.objects.values_list("leaf_id", flat=True)
        PendingLeaf.objects.all().delete()
        for tile in Tile.objects.all():
            if (tile.index + 1) * 256 ** (tile.level + 1) > size:
                tile.delete()
        AccessEntry.objects.filter(leaf__in=gone).delete()
        Leaf.objects.filter(id__in=gone).delete()
        for chain in Chain.objects.all():
            last = chain.leaves.order_by("-seq").first()
            chain.last_seq, chain.head = (last.seq, bytes(last.hash)) if last else (0, EMPTY_HEAD)
            chain.save()
    if not Checkpoint.objects.filter(size=size).exists():
        root = tree.load(size).root()
        Checkpoint.objects.create(size=size, root=root, note=checkpoints.sign(size, root, signing.signer()), at=now_ms())


def constraints_now() -> None:
    """A table with deferred checks waiting cannot be altered in a test's transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
