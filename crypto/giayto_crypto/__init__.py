"""Formats and keys of giayto: pure functions, no network, no disk, no clock of their own."""
