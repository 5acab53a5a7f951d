"""Load generators for the real server, and the floors they are read against. See docs/benchmarks.md."""
