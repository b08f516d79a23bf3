"""The JSON shape of our trust list: a List of Trusted Entities (ETSI TS 119 602 V1.1.1, JSON binding).

Member names are the standard's. What it leaves to schemes stands in two extensions of ours: the agency's identifier
and successor at the entity, and `iss`, `vct`s and period at the service. Unknown members are refused: a statement that
this release does not understand might be the one that takes authority away. A richer list gets a new version.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from giayto_crypto.errors import MalformedError
from giayto_crypto.localised import Localised

VERSION: Literal[1] = 1
LIST_TYPE: Literal["urn:giayto:lote:credential-issuers"] = "urn:giayto:lote:credential-issuers"
ISSUANCE_SERVICE: Literal["urn:giayto:service:credential-issuance"] = "urn:giayto:service:credential-issuance"

Time = Annotated[datetime, msgspec.Meta(tz=True)]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class ServiceStatus(StrEnum):
    """What the scheme says of a service."""

    GRANTED = "urn:giayto:service-status:granted"
    WITHDRAWN = "urn:giayto:service-status:withdrawn"
    COMPROMISED = "urn:giayto:service-status:compromised"


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class MultiLangString(_Shape, frozen=True):
    """A text in one language."""

    lang: Literal["vi", "en"]
    value: NonEmpty


class PkiObject(_Shape, frozen=True):
    """A certificate: DER in base64."""

    val: Annotated[bytes, msgspec.Meta(min_length=1, max_length=16 * 1024)]


class DigitalIdentity(_Shape, frozen=True):
    """A certificate chain, leaf first."""

    X509Certificates: Annotated[tuple[PkiObject, ...], msgspec.Meta(min_length=1, max_length=4)]


class AgencyExtension(_Shape, frozen=True):
    """Ours: who the entity is among Vietnam's agencies."""

    agency_id: NonEmpty
    successor_agency_id: NonEmpty | None = None


class IssuanceExtension(_Shape, frozen=True):
    """Ours: what a certificate may sign."""

    iss: Annotated[str, msgspec.Meta(pattern=r"^https://[!-~]+$", max_length=2000)]
    vcts: tuple[NonEmpty, ...]
    valid_from: Time
    valid_until: Time


class ServiceInformation(_Shape, frozen=True):
    """One certificate of an agency: how it is recognised, what it may do, and whether it still may."""

    ServiceTypeIdentifier: Literal["urn:giayto:service:credential-issuance"]
    ServiceDigitalIdentity: DigitalIdentity
    ServiceStatus: ServiceStatus
    StatusStartingTime: Time
    ServiceInformationExtensions: Annotated[tuple[IssuanceExtension, ...], msgspec.Meta(min_length=1, max_length=1)]


class Service(_Shape, frozen=True):
    """One service of an entity."""

    ServiceInformation: ServiceInformation


class EntityInformation(_Shape, frozen=True):
    """Who an entity is."""

    TEName: tuple[MultiLangString, ...]
    TEInformationExtensions: Annotated[tuple[AgencyExtension, ...], msgspec.Meta(min_length=1, max_length=1)]


class TrustedEntity(_Shape, frozen=True):
    """An agency and its certificates."""

    TrustedEntityInformation: EntityInformation
    TrustedEntityServices: Annotated[tuple[Service, ...], msgspec.Meta(min_length=1)]


class SchemeInformation(_Shape, frozen=True):
    """Which edition this is, from when to when, and who keeps it."""

    LoTEVersionIdentifier: Literal[1]
    LoTESequenceNumber: Annotated[int, msgspec.Meta(ge=1)]
    LoTEType: Literal["urn:giayto:lote:credential-issuers"]
    SchemeOperatorName: tuple[MultiLangString, ...]
    SchemeTerritory: Literal["VN"]
    ListIssueDateTime: Time
    NextUpdate: Time


class ListOfTrustedEntities(_Shape, frozen=True):
    """The whole list."""

    ListAndSchemeInformation: SchemeInformation
    TrustedEntitiesList: tuple[TrustedEntity, ...]

    def members(self) -> dict[str, Any]:
        """Return the list as JSON members in the order of the standard."""
        members: dict[str, Any] = msgspec.to_builtins(self)
        return members


class Claims(_Shape, frozen=True):
    """The payload of a signed list."""

    LoTE: ListOfTrustedEntities

    @property
    def issued_at(self) -> datetime:
        return self.LoTE.ListAndSchemeInformation.ListIssueDateTime

    @property
    def expires_at(self) -> datetime:
        return self.LoTE.ListAndSchemeInformation.NextUpdate


def multilingual(text: Localised) -> tuple[MultiLangString, ...]:
    """Write a text in the standard's way."""
    return (MultiLangString("vi", text.vi), MultiLangString("en", text.en))


def localised(strings: tuple[MultiLangString, ...]) -> Localised:
    """Read a text that must be there once in each language; MalformedError otherwise."""
    by_language = {string.lang: string.value for string in strings}
    if len(strings) != 2 or len(by_language) != 2:
        raise MalformedError("trust list: each name is expected once in vi and once in en")
    return Localised(vi=by_language["vi"], en=by_language["en"])
