"""Rooms: calls of three and more people, or of two whose voices the server records, whose media go through a server of our own."""
