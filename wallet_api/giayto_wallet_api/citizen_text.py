"""Text that citizens write: a device's name, why they decline."""

from giayto_issuers.values.text import clean_line
from giayto_issuers.values.unfit import Unfit
from giayto_wallet_api.problems import MalformedRequestError


def clean_citizen_text(text: str, member: str) -> str:
    """Return one line in NFC, as it is stored and shown to others.

    Raises:
        MalformedRequestError: invisible or control characters, or nothing visible at all.
    """
    try:
        line = clean_line(text)
    except Unfit as error:
        raise MalformedRequestError(f"{member}: {error.expected.en} is expected") from error
    if not line:
        raise MalformedRequestError(f"{member}: some text is expected")
    return line
