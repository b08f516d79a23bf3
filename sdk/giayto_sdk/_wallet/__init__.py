"""What a citizen's phone does: log in, hold keys, answer the inbox, present."""
