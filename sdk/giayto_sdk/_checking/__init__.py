"""A verifier's side: the bundle at hand, kept fresh, and the checks made with it."""
