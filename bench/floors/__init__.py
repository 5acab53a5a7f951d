"""What the product is read against: a socket that keeps nothing, and a chat built the way tutorials build it."""
