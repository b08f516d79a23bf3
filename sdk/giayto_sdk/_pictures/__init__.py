"""QR symbols: drawn for a screen, a page or a terminal, and read back from a picture."""
