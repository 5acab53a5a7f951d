"""The live consultation. What a package does is in its docstring; beside them stand what all of them use and what is one module.

Who belongs to a thread and what stands in it: `relations`, `audiences`, `timeline`, `presence`. The life of a case: `consultations`,
`waiting_room`, `terms`, `family`. Between processes: `doorbell`, `forgetting`, `revocation`. `pyproject.toml` says what may import what.
"""
