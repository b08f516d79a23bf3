"""Asking wallets for documents: through the hosted service, or from an endpoint of the verifier's own."""
