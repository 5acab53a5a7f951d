"""Evidence packs of cases: what a grant reaches, gathered and exported as one sealed file."""
