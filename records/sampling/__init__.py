"""Quality sampling: a draw that a stranger can repeat, read under a grant like any other, by one rater or two, and signed."""

from records.sampling.models import ItemResolution, ItemReview, Sample, SampleItem
from records.sampling.planning import Wish, decide, join, load, plan, raters_for, redrawn, visible
from records.sampling.resolving import Pair, Standing, agreement, close, confirm, counting, pairs, resolve, standing, unresolved
from records.sampling.reviewing import Finding, exported, findings_of, grant_of, newest, review, sign
from records.sampling.terms import FINDINGS, HOW, MAX_HOURS, MAX_SIZE, SEVERITIES, VERDICTS

__all__ = [
    "FINDINGS",
    "HOW",
    "MAX_HOURS",
    "MAX_SIZE",
    "SEVERITIES",
    "VERDICTS",
    "Finding",
    "ItemResolution",
    "ItemReview",
    "Pair",
    "Sample",
    "SampleItem",
    "Standing",
    "Wish",
    "agreement",
    "close",
    "confirm",
    "counting",
    "decide",
    "exported",
    "findings_of",
    "grant_of",
    "join",
    "load",
    "newest",
    "pairs",
    "plan",
    "raters_for",
    "redrawn",
    "resolve",
    "review",
    "sign",
    "standing",
    "unresolved",
    "visible",
]
