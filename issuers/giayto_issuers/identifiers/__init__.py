"""Identifiers of people, organisations, agencies, papers and places, each with its rule (see `rules`)."""
