"""An agency's side: records in, signed credentials pushed, one answer for every row."""
