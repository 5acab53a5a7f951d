"""Evidence packs: a case with its proofs in one file, which a stranger verifies without this server."""
