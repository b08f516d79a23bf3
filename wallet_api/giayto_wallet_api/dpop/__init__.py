"""DPoP (RFC 9449): whoever uses an access token, or opens a session, proves the possession of a key at every
request.
"""
