"""Step 4 for N agencies and M types: each agency issues what the trust list enters for it, under its own name only."""

from itertools import permutations, product

import msgspec
import pytest

from giayto_crypto import certificates, qr
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import Catalogue
from trust_scheme import Certified, Scheme
from trust_scheme.checking import check, reasons
from trust_scheme.scheme import RECORD

TYPES = tuple(f"urn:example:type:matrix-{letter}:1" for letter in "abcde")
GRANTED: dict[str, tuple[str, ...]] = {
    "G01": TYPES[:1],
    "G18": TYPES[1:3],
    "H15.50.05.13": (TYPES[0], TYPES[3]),
    "H26": (),
}
AGENCIES = tuple(GRANTED)


def iss_of(agency_id: str) -> str:
    return f"https://{agency_id.lower()}.agency.example"


@pytest.fixture(scope="module")
def certificates_of(scheme: Scheme) -> dict[str, Certified]:
    return {
        agency_id: scheme.root.certify(certificates.CREDENTIAL_ISSUER, uris=[iss_of(agency_id)])
        for agency_id in AGENCIES
    }


@pytest.fixture(scope="module")
def matrix_bundle(scheme: Scheme, certificates_of: dict[str, Certified]) -> VerifierBundle:
    entries = [
        scheme.entry(certified, agency_id=agency_id, iss=iss_of(agency_id), vcts=GRANTED[agency_id])
        for agency_id, certified in certificates_of.items()
    ]
    types = [
        msgspec.structs.replace(RECORD, vct=vct, code=f"matrix-{number}")  # every type is known to the catalogue
        for number, vct in enumerate(TYPES)
    ]
    trust_list = scheme.trust_list_token(scheme.trust_list(*entries))
    return scheme.bundle(trust_list=trust_list, catalogue=Catalogue(entries=tuple(types)))


@pytest.mark.parametrize(("agency_id", "vct"), list(product(AGENCIES, TYPES)))
def test_an_agency_issues_its_own_types_and_no_other(
    scheme: Scheme, matrix_bundle: VerifierBundle, certificates_of: dict[str, Certified], agency_id: str, vct: str
) -> None:
    credential = scheme.credential(certificates_of[agency_id], issuer=iss_of(agency_id), vct=vct)
    presentation = scheme.presentation(credential)
    expected = () if vct in GRANTED[agency_id] else ("type_not_authorised",)
    for text in (presentation, qr.pack(presentation)):
        assert reasons(matrix_bundle, text) == expected


@pytest.mark.parametrize(("signing", "named"), list(permutations(AGENCIES, 2)))
def test_an_agency_issues_in_its_own_name_and_no_other(
    scheme: Scheme, matrix_bundle: VerifierBundle, certificates_of: dict[str, Certified], signing: str, named: str
) -> None:
    """For every type: neither what the signer may issue nor what the named agency may issue helps."""
    for vct in TYPES:
        credential = scheme.credential(certificates_of[signing], issuer=iss_of(named), vct=vct)
        assert reasons(matrix_bundle, scheme.presentation(credential)) == ("issuer_mismatch",)


@pytest.mark.parametrize(("signing", "certified"), list(product(AGENCIES, AGENCIES)))
def test_the_certificate_of_another_agency_is_of_no_use_without_its_key(
    scheme: Scheme, matrix_bundle: VerifierBundle, certificates_of: dict[str, Certified], signing: str, certified: str
) -> None:
    vct = next(iter(GRANTED[certified]), TYPES[0])
    copied = Certified(certificates_of[signing].signer, certificates_of[certified].chain)
    verdict = check(matrix_bundle, scheme.presentation(scheme.credential(copied, issuer=iss_of(certified), vct=vct)))
    if not GRANTED[certified]:
        assert verdict.reasons == ("type_not_authorised",)
    elif signing == certified:
        assert verdict.outcome == "valid"
    else:
        assert verdict.reasons == ("signature_invalid",)
