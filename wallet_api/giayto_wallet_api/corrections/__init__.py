"""Paper that was asked for because data was missing or wrong, and the corrections that follow."""
