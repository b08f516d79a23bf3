"""Benchmarks: each against its limit and a peer in the same run, as ratios (`make bench`)."""
