"""Photos and documents: uploaded sealed, scanned, opened in a sandbox, linked to for one person at a time."""
