"""Push jobs: what an agency pushed as one piece of work, row by row, and what it decides about all of it at once."""
