"""Who somebody is, and how sure we are: second factors, how fresh they are, and where somebody is signed in.

Endpoints that let much out, or let others in, call `require_fresh(request)` after they have loaded what they act on: whoever may not
do it at all hears so first.
"""

from records.identity.fresh import STALE, require_fresh

__all__ = ["STALE", "require_fresh"]
