"""The access log: who signed in, searched, asked, read, exported and broke the glass; an index over leaves of the ledger."""

from records.accesslog.entries import listen
from records.accesslog.kinds import CARE, FAMILY, KINDS, Act, placed
from records.accesslog.models import AccessEntry, AccessReview, HintNote
from records.accesslog.reading import MOST, TOO_MANY, Filters, Line, Place, counted, exported, lines_of, looked, page

__all__ = [
    "CARE",
    "FAMILY",
    "KINDS",
    "MOST",
    "TOO_MANY",
    "AccessEntry",
    "AccessReview",
    "Act",
    "Filters",
    "HintNote",
    "Line",
    "Place",
    "counted",
    "exported",
    "lines_of",
    "listen",
    "looked",
    "page",
    "placed",
]
