"""How an agency's system gets its access token: private_key_jwt (RFC 7523 as updated by RFC 10070), DPoP-bound."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Final

from giayto_crypto import jws
from giayto_crypto.keys import Signer
from giayto_sdk._http.authorised import AccessToken
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Request

ASSERTION_TYPE: Final = "client-authentication+jwt"
_ASSERTION_FORMAT: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME: Final = timedelta(minutes=1)
_TOKEN_ENDPOINT: Final = "/oauth/token"  # noqa: S105
_JTI_BYTES: Final = 16


class ClientCredentials:
    """Asks for access tokens in the name of one client."""

    def __init__(self, http: HttpClient, dpop: DpopProver, *, client_id: str, signer: Signer, scope: str) -> None:
        """Prepare the requests.

        Args:
            http: its base URL is the authorisation server's issuer identifier.
            dpop: proves the key that the tokens are bound to.
            client_id: as registered.
            signer: the client's registered key.
            scope: what the tokens are for.
        """
        self._http = http
        self._dpop = dpop
        self._client_id = client_id
        self._signer = signer
        self._scope = scope

    def fetch_token(self) -> AccessToken:
        """Get a new access token; see `HttpClient.send` for what is raised."""
        # Each attempt carries an assertion of its own: the server takes each `jti` once.
        answer = self._http.send(self._request, repeatable=True, dpop=self._dpop)
        return AccessToken.from_answer(answer, self._http.clock())

    def _request(self) -> Request:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_FORMAT,
            "client_assertion": self._assertion(),
            "scope": self._scope,
        }
        return Request("POST", _TOKEN_ENDPOINT, form=form)

    def _assertion(self) -> str:
        issued_at = int(self._http.clock().timestamp())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            # The issuer identifier as a sole string: an assertion made for one server is of no use at another.
            "aud": self._http.base_url,
            "jti": token_urlsafe(_JTI_BYTES),
            "iat": issued_at,
            "exp": issued_at + int(_LIFETIME.total_seconds()),
        }
        return jws.sign(claims, signer=self._signer, typ=ASSERTION_TYPE)
