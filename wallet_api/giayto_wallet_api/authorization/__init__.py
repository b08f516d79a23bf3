"""Who may fetch which documents: codes, logins, consents and the grants that come of them (OAuth 2.0, OpenID4VCI)."""
