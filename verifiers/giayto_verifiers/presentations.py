"""What a check may show: data that an issuer signed and a holder presented.

`VerifiedPresentation` stands for "every step passed", `AuthenticPresentation` for "genuine and held, but this verifier
cannot tell whether it is still good". They are separate types with no common public base, so that code which asks for
the one never gets the other, and only the verifier can make either.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NoReturn, Self, TypeVar, final

from giayto_crypto.catalogue import CatalogueEntry, ClaimPath
from giayto_crypto.sdjwt import PROFILE_MEMBERS
from giayto_verifiers.authenticity import Agency, AuthenticDocument

_SEAL = object()
"""Held by `make_presentation` alone."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class _Presented:
    """Signed data, and where it came from.

    Attributes:
        document_type: entry of the signed catalogue.
        agency: entry of the signed trust list.
        claims: what was shown, as signed, in the type's order; nested objects are read-only mappings, arrays tuples.
        issued_at: `iat` of the credential, rounded down to the hour.
        expires_at: `exp` of the credential.
        presented_at: when the holder signed the presentation; None for a printed copy.
        presentation_sha256: of the standard presentation string.
    """

    document_type: CatalogueEntry
    agency: Agency
    claims: Mapping[str, Any]
    issued_at: datetime
    expires_at: datetime
    presented_at: datetime | None
    presentation_sha256: bytes
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError(f"{type(self).__name__} is made by the verifier only")

    @property
    def holder_bound(self) -> bool:
        """True when the holder proved possession; False for a printed copy."""
        return self.presented_at is not None

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # nothing in it can be changed

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        # Whoever unpickles could be handed anything: a verified presentation does not leave its process.
        raise TypeError(f"{type(self).__name__} cannot be pickled")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.document_type.code}, {self.agency.agency_id})"


@final
class VerifiedPresentation(_Presented):
    """Every step of the check passed. The only object whose claims may be relied on."""

    __slots__ = ()

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("VerifiedPresentation has no subclasses")


@final
class AuthenticPresentation(_Presented):
    """Genuine and held by its holder, but it is not known whether it is still good. Not a verified presentation."""

    __slots__ = ()

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("AuthenticPresentation has no subclasses")


_Kind = TypeVar("_Kind", VerifiedPresentation, AuthenticPresentation)


def make_presentation(
    kind: type[_Kind], document: AuthenticDocument, document_type: CatalogueEntry, presented_at: datetime | None
) -> _Kind:
    """Join what the steps established. For the verifier only.

    Args:
        kind: authentic after steps 1 to 8, verified after all of them.
        document: genuine.
        document_type: entry of the signed catalogue.
        presented_at: time of the holder's proof, if there is one.
    """
    return kind(
        document_type=document_type,
        agency=document.agency,
        claims=document_claims(document.sd_jwt.claims, document_type),
        issued_at=document.issued_at,
        expires_at=document.expires_at,
        presented_at=presented_at,
        presentation_sha256=document.presentation_sha256,
        seal=_SEAL,
    )


def document_claims(processed: Mapping[str, Any], document_type: CatalogueEntry) -> Mapping[str, Any]:
    """Return the document's own claims of a processed SD-JWT payload, in its type's order, read-only at every level."""
    own = {name: value for name, value in processed.items() if name not in PROFILE_MEMBERS}
    ordered: Mapping[str, Any] = _read_only(own, (), document_type.places)
    return ordered


def plain(value: Any) -> Any:
    """Turn read-only claims back into what `json` writes."""
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, tuple):
        return [plain(element) for element in value]
    return value


def _read_only(value: Any, path: ClaimPath, places: Mapping[ClaimPath, int]) -> Any:
    # Digests are sorted so that they give nothing away: the order in which claims come out of them means nothing.
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: places.get((*path, name), len(places)))
        return MappingProxyType({name: _read_only(value[name], (*path, name), places) for name in names})
    if isinstance(value, list):
        return tuple(_read_only(element, (*path, None), places) for element in value)
    return value
