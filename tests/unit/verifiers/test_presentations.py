"""Only the verifier makes a verified presentation, and nobody changes one."""

import copy
import pickle
from dataclasses import fields, replace
from typing import Any

import msgspec
import pytest

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import CatalogueClaim, ClaimPath, DocumentValidity
from giayto_crypto.localised import Localised
from giayto_verifiers import (
    AuthenticPresentation,
    InMemoryReplayGuard,
    Policy,
    Unknown,
    Valid,
    VerifiedPresentation,
    Verifier,
)
from giayto_verifiers.presentations import document_claims
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import CLAIMS, RECORD


@pytest.fixture(scope="module")
def verified(scheme: Scheme, bundle: VerifierBundle) -> VerifiedPresentation:
    claims = {**CLAIMS, "visits": [{"facility": "01234", "codes": ["A00"]}]}
    presentation = scheme.presentation(
        scheme.credential(claims=claims), shown=[(name,) for name in ("visits", "issued_on", "valid_until")]
    )
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    return verifier.verify(presentation, now=NOW).require_valid()


def authentic(scheme: Scheme) -> AuthenticPresentation:
    bundle = scheme.bundle(status_lists={})
    verdict = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard()).verify(
        scheme.presentation(), now=NOW
    )
    assert isinstance(verdict, Unknown)
    assert verdict.authentic is not None
    return verdict.authentic


def values(presentation: Any) -> dict[str, Any]:
    return {field.name: getattr(presentation, field.name) for field in fields(presentation)}


@pytest.mark.parametrize("kind", [VerifiedPresentation, AuthenticPresentation])
@pytest.mark.parametrize("seal", [None, True, object()])
def test_nobody_else_can_make_one(verified: VerifiedPresentation, kind: Any, seal: object) -> None:
    with pytest.raises(TypeError, match="by the verifier only"):
        kind(**values(verified), seal=seal)


def test_none_can_be_made_without_a_seal(verified: VerifiedPresentation) -> None:
    with pytest.raises(TypeError):
        VerifiedPresentation(**values(verified))


def test_none_can_be_derived_from_another(verified: VerifiedPresentation) -> None:
    with pytest.raises((TypeError, ValueError)):
        replace(verified, claims={})
    with pytest.raises((TypeError, ValueError)):
        replace(verified, claims={}, seal=None)


@pytest.mark.parametrize("kind", [VerifiedPresentation, AuthenticPresentation])
def test_neither_kind_has_subclasses(kind: type) -> None:
    with pytest.raises(TypeError, match="no subclasses"):
        type("Fake", (kind,), {})


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_one_does_not_leave_its_process(verified: VerifiedPresentation, protocol: int) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(verified, protocol)


def test_a_copy_is_the_same_object(verified: VerifiedPresentation) -> None:
    assert copy.copy(verified) is verified
    assert copy.deepcopy(verified) is verified


def test_nothing_in_one_can_be_changed(verified: VerifiedPresentation) -> None:
    with pytest.raises(AttributeError):
        verified.claims = {}  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):  # Python 3.11 words this one oddly for slotted subclasses
        verified.extra = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        verified.claims["full_name"] = "x"  # type: ignore[index]
    with pytest.raises(TypeError):
        verified.claims["visits"][0]["facility"] = "x"
    assert isinstance(verified.claims["visits"], tuple)


def test_claims_are_those_of_the_document_only(verified: VerifiedPresentation) -> None:
    assert set(verified.claims) == {"visits", "issued_on", "valid_until"}


def test_claims_come_in_the_order_of_the_type(scheme: Scheme, bundle: VerifierBundle) -> None:
    verifier = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())
    shown = scheme.presentation(shown=[(name,) for name in reversed(CLAIMS)])
    assert list(verifier.verify(shown, now=NOW).require_valid().claims) == list(CLAIMS)


def test_nested_claims_come_in_the_order_of_the_type_too_and_unnamed_ones_last() -> None:
    paths: list[ClaimPath] = [("visits",), ("visits", None, "day"), ("visits", None, "place"), ("name",)]
    claims = tuple(CatalogueClaim(path, Localised(vi="x", en="x")) for path in paths)
    document_type = msgspec.structs.replace(RECORD, claims=claims, required_claims=(), validity=DocumentValidity())
    signed = {"more": 1, "name": 2, "iss": 3, "visits": [{"extra": 4, "place": 5, "day": 6}]}
    ordered = document_claims(signed, document_type)
    assert list(ordered) == ["visits", "name", "more"]
    assert list(ordered["visits"][0]) == ["day", "place", "extra"]


def test_nested_claims_become_plain_json(scheme: Scheme, bundle: VerifierBundle) -> None:
    claims = {**CLAIMS, "visits": [{"facility": "01234", "codes": ["A00"]}]}
    presentation = scheme.presentation(
        scheme.credential(claims=claims), shown=[(name,) for name in ("visits", "issued_on", "valid_until")]
    )
    verdict = Verifier(bundle, policy=Policy(), replay_guard=InMemoryReplayGuard()).verify(presentation, now=NOW)
    assert isinstance(verdict, Valid)
    assert verdict.to_json()["claims"]["visits"] == [{"facility": "01234", "codes": ["A00"]}]


def test_authentic_is_not_verified(scheme: Scheme) -> None:
    genuine = authentic(scheme)
    assert not isinstance(genuine, VerifiedPresentation)
    assert genuine.claims["full_name"] == CLAIMS["full_name"]
    assert genuine.holder_bound


def test_no_text_of_one_holds_personal_data(verified: VerifiedPresentation, scheme: Scheme) -> None:
    for text in (repr(verified), str(verified), f"{authentic(scheme)}"):
        assert "Nguyễn" not in text
        assert "2026" not in text
    assert repr(verified) == "VerifiedPresentation(test-record, G18)"
