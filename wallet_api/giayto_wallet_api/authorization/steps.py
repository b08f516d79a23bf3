"""The steps from a wallet's request to a code, each a type of its own: who is at one cannot be at another.

    PushedRequest ──► LoginBegun ──► ConsentAwaited ──► CodeIssued ──► (grant), CodeUsed

Each is a one-time record: going on takes it out.
"""

from datetime import timedelta
from typing import Final

import msgspec

from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.authorization.one_time_records import Step

REQUEST_LIFETIME: Final = timedelta(seconds=90)
"""From the pushed request to the citizen's browser (RFC 9126 §2.2)."""
LOGIN_LIFETIME: Final = timedelta(minutes=10)
CONSENT_LIFETIME: Final = timedelta(minutes=10)
CODE_LIFETIME: Final = timedelta(minutes=1)
USED_CODE_LIFETIME: Final = timedelta(minutes=10)


class WalletRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a wallet asked for, checked."""

    client_id: str
    client_name: str
    redirect_uri: str
    state: str | None
    code_challenge: str
    dpop_jkt: str | None
    vcts: tuple[str, ...]
    uses_details: bool


class PushedRequest(msgspec.Struct, frozen=True):
    """Waits for the citizen's browser. Its secret is in the `request_uri`."""

    request: WalletRequest


class LoginBegun(msgspec.Struct, frozen=True, kw_only=True):
    """The citizen was sent to the identity provider. Its secret is the `state` of that login."""

    request: WalletRequest
    browser_hash: str
    nonce: str
    code_verifier: str
    language: str


class ConsentAwaited(msgspec.Struct, frozen=True, kw_only=True):
    """The citizen is known and looks at the consent page. Its secret is in the page's form."""

    request: WalletRequest
    browser_hash: str
    documents: tuple[GrantedDocument, ...]


class CodeIssued(msgspec.Struct, frozen=True, kw_only=True):
    """The citizen agreed. Its secret is the authorization code."""

    client_id: str
    redirect_uri: str
    code_challenge: str
    dpop_jkt: str | None
    documents: tuple[GrantedDocument, ...]
    uses_identifiers: bool


class CodeUsed(msgspec.Struct, frozen=True):
    """What came of a code, so that its second use can end it (RFC 6749 §4.1.2)."""

    grant_id: str


PUSHED: Final = Step("pushed-request", PushedRequest)
LOGIN: Final = Step("login", LoginBegun)
CONSENT: Final = Step("consent", ConsentAwaited)
CODE: Final = Step("authorization-code", CodeIssued)
USED_CODE: Final = Step("used-authorization-code", CodeUsed)
