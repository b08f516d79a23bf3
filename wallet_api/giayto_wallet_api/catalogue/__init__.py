"""Editions of the catalogue, and the rule that they give."""
