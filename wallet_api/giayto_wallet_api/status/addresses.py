"""Where a status list is found: the one place that knows the form of its address."""

_PATH = "/public/v1/status-lists"


def aggregation_uri(base_url: str) -> str:
    """Return the address of the list of all status lists."""
    return f"{base_url}{_PATH}"


def status_list_uri(base_url: str, list_id: str) -> str:
    """Return the address of one status list, as credentials carry it."""
    return f"{base_url}{_PATH}/{list_id}"


def list_id_of(base_url: str, uri: str) -> str | None:
    """Return the identifier of the list at an address; None when it is not one of this host's."""
    prefix = f"{base_url}{_PATH}/"
    return uri.removeprefix(prefix) if uri.startswith(prefix) else None
