"""What changed in a wallet, in order: the list that phones follow, and the live stream of it."""
