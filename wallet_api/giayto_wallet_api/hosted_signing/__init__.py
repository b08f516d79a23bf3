"""Signing in the place of agencies that chose it: their delegated key, their certificate, their consent on record."""
