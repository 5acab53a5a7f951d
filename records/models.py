"""Where Django looks for models; each lives in the file that its noun names."""

from records.accesslog.models import AccessEntry, AccessReview, HintNote
from records.charts import Chart, ChartEntry
from records.grants import AccessGrant, GrantNote, ReadingNote
from records.identity.models import Factor, SignIn
from records.ledger.models import Chain, Checkpoint, Cosignature, Leaf, PendingLeaf, Tile, Timestamp, TreeEntry
from records.outcomes import CallOutcome
from records.people import CareRelationship, Credential, Department, Person, RoleGrant
from records.plans import FollowUp
from records.relatives import FamilyAccess
from records.retention.models import (
    HoldRefusal,
    LegalHold,
    RetentionItem,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    Tombstone,
)
from records.sampling.models import ItemResolution, ItemReview, RaterReading, Sample, SampleItem
from records.vault.models import DataKey, Rewrapping, WrappedKey

__all__ = [
    "AccessEntry",
    "AccessGrant",
    "AccessReview",
    "CallOutcome",
    "CareRelationship",
    "Chain",
    "Chart",
    "ChartEntry",
    "Checkpoint",
    "Cosignature",
    "Credential",
    "DataKey",
    "Department",
    "Factor",
    "FamilyAccess",
    "FollowUp",
    "GrantNote",
    "HintNote",
    "HoldRefusal",
    "ItemResolution",
    "ItemReview",
    "Leaf",
    "LegalHold",
    "PendingLeaf",
    "Person",
    "RaterReading",
    "ReadingNote",
    "RetentionItem",
    "RetentionRule",
    "RetentionRun",
    "Rewrapping",
    "RightsRequest",
    "RoleGrant",
    "Sample",
    "SampleItem",
    "SignIn",
    "Tile",
    "Timestamp",
    "Tombstone",
    "TreeEntry",
    "WrappedKey",
]
