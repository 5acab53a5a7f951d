"""Quality sampling: a draw that a stranger can repeat, read under a grant like any other, with findings and two signatures."""

from records.sampling.models import ItemReview, Sample, SampleItem
from records.sampling.planning import Wish, load, plan, redrawn, visible
from records.sampling.reviewing import Finding, close, exported, findings_of, newest, review, sign
from records.sampling.terms import FINDINGS, MAX_HOURS, MAX_SIZE, SEVERITIES, VERDICTS

__all__ = [
    "FINDINGS",
    "MAX_HOURS",
    "MAX_SIZE",
    "SEVERITIES",
    "VERDICTS",
    "Finding",
    "ItemReview",
    "Sample",
    "SampleItem",
    "Wish",
    "close",
    "exported",
    "findings_of",
    "load",
    "newest",
    "plan",
    "redrawn",
    "review",
    "sign",
    "visible",
]
