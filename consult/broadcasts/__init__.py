"""One message to many patients: chosen as a cohort, sent at a bounded rate, stopped; and the notices they read it in."""
