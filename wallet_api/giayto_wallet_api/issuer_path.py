"""Well-known addresses of an identifier that has a path (RFC 8414 §3.1, OpenID4VCI 1.0 §12.2.2): the well-known part
goes between host and path.
"""

from urllib.parse import urlsplit

from giayto_wallet_api.problems import NotFoundError


def well_known_uri(identifier: str, name: str) -> str:
    """Return where the metadata of an identifier are: `https://host/.well-known/<name>/<path>`."""
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}"


def require_issuer_path(identifier: str, path: str) -> None:
    """Refuse a well-known address that is not this server's.

    Args:
        identifier: this server's.
        path: what follows the well-known part in the address that was asked for; empty for nothing.

    Raises:
        NotFoundError: the identifier has another path.
    """
    if urlsplit(identifier).path.strip("/") != path.strip("/"):
        raise NotFoundError("the metadata stand where the path of the issuer identifier says")
