"""Holder keys: a pool on each device, from which every copy of a document gets its own."""
