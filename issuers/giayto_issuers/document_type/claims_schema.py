"""The claims of a document type as JSON Schema (2020-12): what a credential says, all disclosures put back."""

from collections.abc import Sequence
from typing import Any

from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType
from giayto_issuers.document_type.published import MAX_PUBLISHED_CODES
from giayto_issuers.identifiers.rules import PATTERNS
from giayto_issuers.values.single import MAX_SAFE_INTEGER

_DAY = r"\d{4}-\d{2}-\d{2}"
_PARTIAL_DAY = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_MOMENT = rf"^{_DAY}(T\d{{2}}:\d{{2}}:\d{{2}}\+07:00)?$"
_DECIMAL = r"^-?(0|[1-9]\d{0,14})(\.\d{1,3})?$"


def claims_schema(document_type: DocumentType) -> dict[str, Any]:
    """Return the schema of a type's claims in the form in which they are signed.

    Of identifiers it gives the pattern, and the name of the rule as `format`, which validators may ignore: check digits
    and lists are beyond JSON Schema.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:giayto:claims:{document_type.code}:{document_type.version}",
        "title": document_type.titles.en,
        "description": document_type.description.en,
        **_members(document_type.claims),
    }


def _members(claims: Sequence[Claim]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {claim.name: _claim(claim) for claim in claims},
        "required": [claim.name for claim in claims if claim.mandatory],
        "minProperties": 1,
        "additionalProperties": False,
    }
    if conditions := [_condition(claim) for claim in claims if claim.present_when is not None]:
        schema["allOf"] = conditions
    return schema


def _condition(claim: Claim) -> dict[str, Any]:
    condition = claim.present_when
    if condition is None:
        raise ValueError("a claim without a condition")
    named = {"required": [claim.name]}
    fits = {"properties": {condition.claim: {"enum": list(condition.values)}}, "required": [condition.claim]}
    return {"if": fits, "then": named, "else": {"not": named}}


def _claim(claim: Claim) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": claim.label.en}
    if claim.description is not None:
        schema["description"] = claim.description.en
    if claim.type is not ClaimType.LIST:
        return schema | _single(claim)
    schema |= {"type": "array", "items": _single(claim), "minItems": 1}
    return schema | ({"maxItems": claim.max_items} if claim.max_items else {})


def _single(claim: Claim) -> dict[str, Any]:
    match claim.element_type:
        case ClaimType.OBJECT:
            return _members(claim.fields)
        case ClaimType.BOOLEAN:
            return {"type": "boolean"}
        case ClaimType.INTEGER:
            return {"type": "integer", **_bounds(claim)}
        case ClaimType.DECIMAL:
            return {"type": "string", "pattern": _DECIMAL}
        case ClaimType.DATE:
            form = {"pattern": _PARTIAL_DAY} if claim.partial else {"format": "date"}
            return {"type": "string", **form}
        case ClaimType.DATETIME:
            return {"type": "string", "pattern": _MOMENT}
        case ClaimType.CODE:
            return {"type": "string"} | ({"enum": list(claim.codes)} if len(claim.codes) <= MAX_PUBLISHED_CODES else {})
        case _:
            return _text(claim)


def _bounds(claim: Claim) -> dict[str, int]:
    lowest = -MAX_SAFE_INTEGER if claim.minimum is None else claim.minimum
    highest = MAX_SAFE_INTEGER if claim.maximum is None else claim.maximum
    return {"minimum": lowest, "maximum": highest}


def _text(claim: Claim) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if claim.max_length is not None:
        schema["maxLength"] = claim.max_length
    pattern = claim.pattern or PATTERNS.get(claim.identifier or "")
    if pattern is not None:
        schema["pattern"] = f"^(?:{pattern})$"
    if claim.identifier is not None:
        schema["format"] = claim.identifier
    return schema
