"""Credential offers as a wallet reads them: the text of a QR, or a link that was followed (OpenID4VCI 1.0 §4.1)."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

from giayto_crypto.localised import Localised
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import Request, list_member, read_object, text_member
from giayto_sdk.errors import CredentialOfferError, ProtocolError

OFFER_SCHEME: Final = "openid-credential-offer"
PRE_AUTHORIZED_CODE: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
_MAX_LINK: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class CredentialOffer:
    """What an issuer offers.

    Attributes:
        credential_issuer: who offers it.
        configuration_ids: what is offered, by the issuer's own names such as `referral.1`.
        pre_authorized_code: lets the wallet fetch it; None when the citizen has to log in.
        needs_tx_code: whether a transaction code, which came another way, is needed too.
        tx_code_length: how many digits it has, when the issuer says so.
        tx_code_description: the issuer's words about how it came.
    """

    credential_issuer: str
    configuration_ids: tuple[str, ...]
    pre_authorized_code: str | None = field(repr=False)
    needs_tx_code: bool
    tx_code_length: int | None = None
    tx_code_description: str = ""


class OfferedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that an agency has deposited for this citizen."""

    document_id: str
    agency_id: str
    document_type: str
    """vct"""
    titles: Localised | None = None
    fetched: bool
    """Whether this wallet holds its current version already."""


def resolve_offer(link: str, http: HttpClient) -> CredentialOffer:
    """Read an offer, by value or by reference.

    Args:
        link: `openid-credential-offer://?credential_offer=…` or `…?credential_offer_uri=…`.
        http: speaks to the one issuer that this wallet trusts.

    Raises:
        CredentialOfferError: not an offer, or one of another issuer: a wallet deals with those that it trusts (§13.6).
        NotFoundError: it was fetched before, or has expired.
    """
    parameters = _parameters(link)
    by_value, reference = parameters.get("credential_offer"), parameters.get("credential_offer_uri")
    if (by_value is None) == (reference is None):
        raise CredentialOfferError("offer: exactly one of credential_offer and credential_offer_uri is expected")
    offer = _read(by_value.encode("utf-8")) if by_value is not None else _fetch(str(reference), http)
    if offer.credential_issuer != http.base_url:
        raise CredentialOfferError("offer: it comes from an issuer that this wallet is not set up for")
    return offer


def _fetch(uri: str, http: HttpClient) -> CredentialOffer:
    try:
        target = http.url(uri)
    except ProtocolError as error:
        raise CredentialOfferError("offer: it comes from an issuer that this wallet is not set up for") from error
    # An offer answers once: a second try after a lost answer would only find nothing.
    return _read(http.send(lambda: Request("GET", target), repeatable=False).body)


def _parameters(link: str) -> dict[str, str]:
    text = link.strip()
    if len(text) > _MAX_LINK or urlsplit(text).scheme != OFFER_SCHEME:
        raise CredentialOfferError(f"offer: a link that begins with {OFFER_SCHEME}:// is expected")
    found = parse_qs(urlsplit(text).query, keep_blank_values=True)
    if any(len(values) != 1 for values in found.values()):
        raise CredentialOfferError("offer: a parameter appears more than once")
    return {name: values[0] for name, values in found.items()}


def _read(content: bytes) -> CredentialOffer:
    try:
        members = read_object(content)
        issuer = text_member(members, "credential_issuer")
        identifiers = list_member(members, "credential_configuration_ids")
    except ProtocolError as error:
        raise CredentialOfferError(f"offer: {error.detail}") from error
    if not identifiers or not all(isinstance(each, str) for each in identifiers):
        raise CredentialOfferError("offer: credential_configuration_ids must name something")
    grant = _object(_object(members.get("grants")).get(PRE_AUTHORIZED_CODE))
    code, tx_code = grant.get("pre-authorized_code"), grant.get("tx_code")
    described = _object(tx_code)
    length, description = described.get("length"), described.get("description")
    return CredentialOffer(
        credential_issuer=issuer,
        configuration_ids=tuple(identifiers),
        pre_authorized_code=code if isinstance(code, str) else None,
        needs_tx_code=tx_code is not None,
        tx_code_length=length if isinstance(length, int) else None,
        tx_code_description=description if isinstance(description, str) else "",
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
