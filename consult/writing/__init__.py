"""Group commit: every durable act of a thread is checked, sealed, chained and stored in one transaction with those beside it."""
