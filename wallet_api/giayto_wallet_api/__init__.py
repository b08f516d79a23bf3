"""The wallet backend."""
