"""Calls: who may ring whom, who sits in which call, when it ends, and what passes between its two devices."""
