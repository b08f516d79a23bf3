"""A DCQL query as data, and the strict reading of one (OpenID4VP 1.0 §6).

Unknown properties are ignored, as the specification demands. Everything that is known must be exactly as it says, and
small: a query comes from a stranger, and its evaluation must cost next to nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import msgspec

from giayto_crypto.errors import GiaytoError
from giayto_crypto.strict_json import canonical

FORMAT: Final = "dc+sd-jwt"
"""The one credential format that is evaluated here; queries for others are read, and nothing matches them."""
MAX_QUERY_BYTES: Final = 32 * 1024
_MAX_CREDENTIALS = 20
_MAX_CLAIMS = 200
_MAX_SETS = 20
_MAX_STEPS = 12
_MAX_VALUES = 100
_MAX_TEXT = 500

ClaimPath = tuple[str | int | None, ...]
"""Names, array positions, and None for every element (§7)."""
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]+$", max_length=100)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_TEXT)]
_Position = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
_Path = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)] | _Position | None, ...],
    msgspec.Meta(min_length=1, max_length=_MAX_STEPS),
]
_Value = Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)] | int | bool


class DcqlError(GiaytoError):
    """A query does not follow its specification, or is larger than what is evaluated here."""

    code = "dcql_query_invalid"
    message_vi = "Yêu cầu xuất trình (DCQL) không hợp lệ."
    message_en = "The query for credentials (DCQL) is not valid."


class ClaimsQuery(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One claim that is asked for (§6.3)."""

    path: _Path
    id: Identifier | None = None
    values: Annotated[tuple[_Value, ...], msgspec.Meta(min_length=1, max_length=_MAX_VALUES)] | None = None


class TrustedAuthorities(msgspec.Struct, frozen=True, kw_only=True):
    """Authorities of whose credentials the verifier takes (§6.1.1). Only `aki` is understood here."""

    type: _Text
    values: Annotated[tuple[_Text, ...], msgspec.Meta(min_length=1, max_length=_MAX_VALUES)]


class CredentialQuery(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One credential that is asked for (§6.1)."""

    id: Identifier
    format: _Text
    meta: dict[str, Any]
    multiple: bool = False
    require_cryptographic_holder_binding: bool = True
    trusted_authorities: (
        Annotated[tuple[TrustedAuthorities, ...], msgspec.Meta(min_length=1, max_length=_MAX_SETS)] | None
    ) = None
    claims: Annotated[tuple[ClaimsQuery, ...], msgspec.Meta(min_length=1, max_length=_MAX_CLAIMS)] | None = None
    claim_sets: (
        Annotated[
            tuple[Annotated[tuple[Identifier, ...], msgspec.Meta(min_length=1, max_length=_MAX_CLAIMS)], ...],
            msgspec.Meta(min_length=1, max_length=_MAX_SETS),
        ]
        | None
    ) = None

    @property
    def vct_values(self) -> tuple[str, ...]:
        """The document types that are accepted (appendix B.3.5)."""
        return tuple(self.meta.get("vct_values", ()))

    @property
    def options(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """The combinations of claims of which one answers the query, the preferred one first (§6.4.1)."""
        if self.claims is None:
            return ((),)
        if self.claim_sets is None:
            return (self.claims,)
        by_id = {claim.id: claim for claim in self.claims}
        return tuple(tuple(by_id[name] for name in names) for names in self.claim_sets)


class CredentialSetQuery(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Combinations of credentials of which one answers one need of the verifier (§6.2)."""

    options: Annotated[
        tuple[Annotated[tuple[Identifier, ...], msgspec.Meta(min_length=1, max_length=_MAX_CREDENTIALS)], ...],
        msgspec.Meta(min_length=1, max_length=_MAX_SETS),
    ]
    required: bool = True


class DcqlQuery(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A whole query (§6)."""

    credentials: Annotated[tuple[CredentialQuery, ...], msgspec.Meta(min_length=1, max_length=_MAX_CREDENTIALS)]
    credential_sets: (
        Annotated[tuple[CredentialSetQuery, ...], msgspec.Meta(min_length=1, max_length=_MAX_SETS)] | None
    ) = None

    def find(self, credential_id: str) -> CredentialQuery | None:
        """Return the credential query of this name, or None."""
        return next((query for query in self.credentials if query.id == credential_id), None)

    def to_json(self) -> dict[str, Any]:
        """Return the query as JSON members; what is at its default is left out."""
        members: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return members


def parse_query(members: object) -> DcqlQuery:
    """Read a query, strictly.

    Args:
        members: JSON that was read by `giayto_crypto.strict_json`.

    Raises:
        DcqlError: a property of the wrong kind or too large, an identifier that is missing, unknown or there twice, or
            a credential query for SD-JWT VC without `vct_values`.
    """
    try:
        query = msgspec.convert(members, DcqlQuery, strict=True)
    except msgspec.ValidationError as error:
        raise DcqlError(f"dcql_query: {error}") from error
    if len(canonical(query)) > MAX_QUERY_BYTES:
        raise DcqlError(f"dcql_query: longer than {MAX_QUERY_BYTES} bytes", limit=MAX_QUERY_BYTES)
    _require_distinct("credentials", (each.id for each in query.credentials))
    for each in query.credentials:
        _check_credential(each)
    known = {each.id for each in query.credentials}
    for number, need in enumerate(query.credential_sets or ()):
        for option in need.options:
            _require_known(f"credential_sets[{number}].options", option, known)
    return query


def _check_credential(query: CredentialQuery) -> None:
    if query.format == FORMAT:
        _check_meta(query.id, query.meta)
    if query.claims is None:
        if query.claim_sets is not None:
            raise DcqlError(f"{query.id}: claim_sets without claims")
        return
    identifiers = [claim.id for claim in query.claims if claim.id is not None]
    _require_distinct(f"{query.id}.claims", identifiers)
    if query.claim_sets is None:
        return
    if len(identifiers) != len(query.claims):
        raise DcqlError(f"{query.id}: with claim_sets, every claim needs an id")
    for option in query.claim_sets:
        _require_known(f"{query.id}.claim_sets", option, set(identifiers))


def _check_meta(credential_id: str, meta: Mapping[str, Any]) -> None:
    values = meta.get("vct_values")
    usable = isinstance(values, list) and 0 < len(values) <= _MAX_VALUES
    if not usable or not all(isinstance(value, str) and 0 < len(value) <= _MAX_TEXT for value in values or ()):
        raise DcqlError(f"{credential_id}.meta: vct_values must be a list of document types (appendix B.3.5)")


def _require_distinct(where: str, identifiers: Iterable[str]) -> None:
    found = list(identifiers)
    if len(set(found)) != len(found):
        raise DcqlError(f"{where}: an id appears twice")


def _require_known(where: str, names: Iterable[str], known: set[str]) -> None:
    if not known.issuperset(names):
        raise DcqlError(f"{where}: an id that is not declared")
