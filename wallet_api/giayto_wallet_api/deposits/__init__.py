"""Deposits: records that agencies leave here, checked, to be signed when a wallet fetches them (OpenID4VCI)."""
