"""`Idempotency-Key`: a call that is sent again is answered as the first time, and done once."""
