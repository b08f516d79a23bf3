"""Column mappings: a file that says which column of an agency's own export holds which claim."""
