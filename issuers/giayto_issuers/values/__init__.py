"""From what a source writes to what a credential says: text, times, numbers, one value at a time."""
