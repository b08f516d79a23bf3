"""Limits: what an agency and a device may take, and what is served first when not everything can be."""
