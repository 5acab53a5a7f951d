"""How well, how fast and in how much memory recordings are transcribed."""
