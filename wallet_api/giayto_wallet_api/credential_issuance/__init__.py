"""The OpenID4VCI 1.0 issuer: metadata, offers, nonces, and the endpoints from which wallets fetch credentials."""
