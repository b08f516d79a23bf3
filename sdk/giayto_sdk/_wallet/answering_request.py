"""Reading a presentation request as a wallet does: who asks, what for, what, and whether all of that is authentic.

Nothing of a request is believed before its signature and certificate are verified, and what a link says besides is
not used at all (OpenID4VP 1.0 §5.10.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from re import compile as compile_pattern
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509

from giayto_crypto import jws
from giayto_crypto.certificates import PRESENTATION_REQUEST, verify_chain
from giayto_crypto.dcql import DcqlQuery, parse_query
from giayto_crypto.errors import GiaytoError, KeyFormatError
from giayto_crypto.jwe import ENCRYPTIONS, require_recipient
from giayto_crypto.localised import Localised
from giayto_crypto.verifier_registration import VerifierRegistration, verify_registration
from giayto_sdk.errors import RequestRefusedError
from giayto_verifiers.requests import ClientIdPrefix
from giayto_verifiers.requests.identity import certificate_hash, dns_names
from giayto_verifiers.requests.request import AUDIENCE, PURPOSE_INFO, REGISTRATION_INFO, TYP
from giayto_verifiers.requests.transaction_data import read_transaction_data, require_statement

MAX_OBJECT_BYTES: Final = 128 * 1024
_NONCE: Final = compile_pattern(r"[A-Za-z0-9._~-]{1,500}")
_DEFAULT_ENCRYPTION: Final = "A128GCM"
_MAX_LINK: Final = 8 * 1024
_MODES: Final = ("direct_post", "direct_post.jwt")


@dataclass(frozen=True, slots=True)
class RequestLink:
    """What a QR or a link says. Only where the request object is, and whose it must be, is taken from it."""

    client_id: str
    request_uri: str | None
    request: str | None = field(repr=False)
    method: str


@dataclass(frozen=True, slots=True)
class AskingVerifier:
    """Who asks, for the consent screen.

    Attributes:
        client_id: the whole identifier, with its prefix.
        names: of the registered verifier; None when the request carries no registration that holds.
        certificate_name: what its certificate says.
        response_host: where the answer goes.
    """

    client_id: str
    names: Localised | None
    certificate_name: str
    response_host: str
    registration: VerifierRegistration | None = field(default=None, repr=False)

    @property
    def is_registered(self) -> bool:
        """Whether the operator of the trust scheme says who this is."""
        return self.names is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticRequest:
    """A request whose signature, certificate and binding hold. Whether to answer it is for the holder to say."""

    verifier: AskingVerifier
    purpose: Localised | None
    response_uri: str
    response_mode: str
    nonce: str = field(repr=False)
    state: str | None = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)

    def query(self) -> DcqlQuery:
        """Return what is asked for; RequestRefusedError (`invalid_request`) when that cannot be read."""
        if "dcql_query" not in self.claims or "scope" in self.claims:
            raise RequestRefusedError("invalid_request", "request: dcql_query is needed, and no scope beside it")
        try:
            return parse_query(self.claims["dcql_query"])
        except GiaytoError as error:
            raise RequestRefusedError("invalid_request", error.detail) from error

    def transactions(self, query: DcqlQuery) -> list[tuple[str, dict[str, Any]]]:
        """Return the transactions to confirm, encoded and read.

        Raises:
            RequestRefusedError: `invalid_transaction_data`, for a single one that this wallet does not understand.
        """
        entries = self.claims.get("transaction_data", [])
        if not isinstance(entries, list) or ("transaction_data" in self.claims and not entries):
            raise RequestRefusedError("invalid_transaction_data", "transaction_data: a non-empty array is expected")
        read: list[tuple[str, dict[str, Any]]] = []
        for encoded in entries:
            try:
                members = read_transaction_data(encoded, [each.id for each in query.credentials])
                require_statement(members)
            except GiaytoError as error:
                raise RequestRefusedError("invalid_transaction_data", error.detail) from error
            read.append((encoded, members))
        return read

    def recipient(self) -> tuple[Mapping[str, Any], str] | None:
        """Return the key to encrypt the answer to, and the content encryption; None when it is not encrypted.

        Keys that cannot be used are passed over (§8.3).

        Raises:
            RequestRefusedError: `invalid_request`, when no key or no algorithm can be used.
        """
        if self.response_mode != "direct_post.jwt":
            return None
        metadata = self.claims.get("client_metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        offered = metadata.get("encrypted_response_enc_values_supported", [_DEFAULT_ENCRYPTION])
        usable = [enc for enc in reversed(ENCRYPTIONS) if isinstance(offered, list) and enc in offered]
        keys = metadata.get("jwks", {})
        for jwk in keys.get("keys", []) if isinstance(keys, dict) else []:
            if usable and isinstance(jwk, dict) and _is_usable(jwk):
                return jwk, usable[0]
        raise RequestRefusedError("invalid_request", "client_metadata: no key that this wallet can encrypt to")


def parse_link(text: str) -> RequestLink:
    """Read a QR or link that refers to a request object.

    Raises:
        RequestRefusedError: not such a link, a parameter twice, or a request that is not signed.
    """
    text = text.strip()
    parts = urlsplit(text) if len(text) <= _MAX_LINK and text.isascii() else urlsplit("")
    if parts.scheme not in {"openid4vp", "https"}:
        raise RequestRefusedError("invalid_request", "link: openid4vp://… is expected")
    pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise RequestRefusedError("invalid_request", "link: a parameter appears twice")
    client_id, request_uri, request = (parameters.get(name) for name in ("client_id", "request_uri", "request"))
    if not client_id or (request_uri is None) == (request is None):
        # Unsigned requests (redirect_uri:…) carry their parameters in the link itself.
        raise RequestRefusedError("invalid_request", "link: client_id and one of request_uri, request are expected")
    method = parameters.get("request_uri_method", "get")
    if method not in {"get", "post"}:
        raise RequestRefusedError("invalid_request_uri_method", "link: request_uri_method is get or post")
    return RequestLink(client_id, request_uri, request, method)


def authenticate_request(
    token: str,
    link: RequestLink,
    *,
    wallet_nonce: str | None,
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> AuthenticRequest:
    """Verify a request object.

    Args:
        token: as fetched.
        link: what led to it.
        wallet_nonce: what this wallet posted; None when it sent none.
        anchors: the pinned roots.
        now: time of the check.

    Raises:
        RequestRefusedError: anything that does not hold. Nobody may be told about it: who asks is not known.
    """
    try:
        return _authenticate(token, link, wallet_nonce, anchors, now)
    except RequestRefusedError:
        raise
    except GiaytoError as error:
        raise RequestRefusedError("invalid_request", f"request object: {error.detail}") from error


def _authenticate(
    token: str, link: RequestLink, wallet_nonce: str | None, anchors: Sequence[x509.Certificate], now: datetime
) -> AuthenticRequest:
    parsed = jws.parse(token, typ=TYP, max_bytes=MAX_OBJECT_BYTES)
    chain = parsed.x5c()
    certificate = verify_chain(chain, anchors, purpose=PRESENTATION_REQUEST, now=now)
    claims = parsed.verify(certificate.key)
    _require(claims.get("client_id") == link.client_id, "client_id is not that of the link")
    host = _bound_host(link.client_id, parsed.x5c_der()[0], chain[0])
    _require(claims.get("aud") == AUDIENCE, f"aud must be {AUDIENCE}")
    _require(wallet_nonce is None or claims.get("wallet_nonce") == wallet_nonce, "wallet_nonce is not this wallet's")
    _require_time(claims, now)
    response_uri = _response_uri(claims, host)
    nonce, state = claims.get("nonce"), claims.get("state")
    _require(isinstance(nonce, str) and bool(_NONCE.fullmatch(nonce)), "nonce is missing or not URL-safe")
    _require(state is None or (isinstance(state, str) and bool(_NONCE.fullmatch(state))), "state is not URL-safe")
    info = _verifier_info(claims)
    registration = _registration(info.get(REGISTRATION_INFO), link.client_id, anchors, now)
    return AuthenticRequest(
        verifier=AskingVerifier(
            client_id=link.client_id,
            names=registration.names if registration else None,
            certificate_name=chain[0].subject.rfc4514_string(),
            response_host=urlsplit(response_uri).hostname or "",
            registration=registration,
        ),
        purpose=_purpose(info.get(PURPOSE_INFO)),
        response_uri=response_uri,
        response_mode=claims["response_mode"],
        nonce=str(nonce),
        state=state,
        claims=claims,
    )


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise RequestRefusedError("invalid_request", f"request object: {what}")


def _bound_host(client_id: str, leaf_der: bytes, leaf: x509.Certificate) -> str | None:
    """Check that the certificate is the client's (§5.9.3); return the one host that may receive, if it is fixed."""
    prefix, separator, name = client_id.partition(":")
    if separator and prefix == ClientIdPrefix.X509_HASH:
        _require(name == certificate_hash(leaf_der), "client_id is not the hash of the certificate")
        return None
    if separator and prefix == ClientIdPrefix.X509_SAN_DNS:
        _require(name in dns_names(leaf), "client_id is not a DNS name of the certificate")
        return name
    raise RequestRefusedError("invalid_request", "request object: a client identifier prefix that is not accepted")


def _require_time(claims: Mapping[str, Any], now: datetime) -> None:
    at = now.timestamp()
    for name in ("iat", "nbf", "exp"):
        value = claims.get(name, 0)
        _require(isinstance(value, int) and not isinstance(value, bool), f"{name} is not a time")
    _require("exp" not in claims or at < claims["exp"], "it has expired")
    _require(max(claims.get("iat", 0), claims.get("nbf", 0)) <= at + 60, "it was made in the future")


def _response_uri(claims: Mapping[str, Any], host: str | None) -> str:
    uri = claims.get("response_uri")
    _require(claims.get("response_type") == "vp_token", "response_type must be vp_token")
    _require(claims.get("response_mode") in _MODES, "response_mode must be direct_post or direct_post.jwt")
    _require("redirect_uri" not in claims, "redirect_uri does not go with direct_post")
    if not isinstance(uri, str):
        raise RequestRefusedError("invalid_request", "request object: response_uri is missing")
    _require(host is None or urlsplit(uri).hostname == host, "response_uri is not at the client's own host")
    return uri


def _verifier_info(claims: Mapping[str, Any]) -> dict[str, Any]:
    entries = claims.get("verifier_info", [])
    usable = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    return {each["format"]: each.get("data") for each in usable if isinstance(each.get("format"), str)}


def _registration(
    token: object, client_id: str, anchors: Sequence[x509.Certificate], now: datetime
) -> VerifierRegistration | None:
    # A registration that does not hold is as good as none: the holder is told that nobody vouches for the name.
    if not isinstance(token, str):
        return None
    try:
        return verify_registration(token, client_id=client_id, anchors=anchors, now=now)
    except GiaytoError:
        return None


def _purpose(data: object) -> Localised | None:
    match data:
        case {"vi": str(vi), "en": str(en)}:
            return Localised(vi=vi[:500], en=en[:500])
    return None


def _is_usable(jwk: Mapping[str, Any]) -> bool:
    try:
        require_recipient(jwk)
    except KeyFormatError:
        return False
    return True
