"""Personal data at rest: a data key for each wallet, wrapped by a key from outside the store."""
