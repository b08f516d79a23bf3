"""Hosted checks: registered verifiers ask any OpenID4VP wallet (docs/openid4vp.md)."""
