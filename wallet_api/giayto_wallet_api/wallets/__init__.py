"""A wallet: the account of one person or organisation, its data key, and what is known about its holder."""
