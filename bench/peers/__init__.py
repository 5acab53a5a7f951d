"""The chat servers a hospital could pick instead, each on a private directory, port and database, gone when its block ends."""
