"""Records: rows of an agency's own system, read, checked, and turned into the claims of a credential."""
