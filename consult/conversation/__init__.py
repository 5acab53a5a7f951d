"""What is said in a thread: messages, voice notes, drafts, scheduled messages, discussions of clinicians, search."""
