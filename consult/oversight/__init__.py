"""Compliance: the access log, cases found and read under a grant, the month's review, quality sampling."""
