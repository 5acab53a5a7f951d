"""The cast, for the access matrix."""

from tests.cast import browser_of, cast, demo_on

__all__ = ["browser_of", "cast", "demo_on"]
