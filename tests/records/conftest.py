"""The cast, for the tests of people, sessions, charts and grants."""

from tests.cast import browser_of, cast, charts, demo_on

__all__ = ["browser_of", "cast", "charts", "demo_on"]
