"""Access tokens, and the token endpoint at which agencies get theirs (RFC 6749, RFC 7523, RFC 9449)."""
