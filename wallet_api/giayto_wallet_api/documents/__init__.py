"""Documents as agencies push and govern them: one row one answer, checked, stored once, revoked for good."""
