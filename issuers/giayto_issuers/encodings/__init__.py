"""In which encoding a source is written: told by evidence or refused, and read line by line into Unicode."""
