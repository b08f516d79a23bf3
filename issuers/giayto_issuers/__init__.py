"""Document types as data, records checked and turned into credentials."""
