"""A registered bank, a health-insurance card in somebody's wallet, and everything between them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from giayto_crypto.certificates import PRESENTATION_REQUEST, VERIFIER_REGISTRATION
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import StatusReference, issue_credential
from openid4vp.hosted import CARD, CLAIMS, Holder, VerifierCaller, registered_bank


@pytest.fixture
def server_keys(server_keys, authority):
    return replace(
        server_keys,
        presentation_request=authority.identity(PRESENTATION_REQUEST),
        verifier_registration=authority.identity(VERIFIER_REGISTRATION),
    )


@pytest.fixture
async def bank(http, runtime, clock, settings) -> VerifierCaller:
    return await registered_bank(http, runtime, clock, settings.base_url, "bank-a")


@pytest.fixture
async def holder(http, runtime, clock, authority, new_agency) -> Holder:
    agency = await new_agency("G24", (CARD,))
    reserved = await agency.call("POST", "/issuer/v1/status-indexes", json={"document_type": CARD, "count": 1})
    (entry,) = reserved.json()["entries"]
    key = LocalSigner.generate()
    credential = issue_credential(
        issuer=agency.iss,
        vct=CARD,
        holder_key=key.public_key,
        status=StatusReference(entry["uri"], entry["idx"]),
        issued_at=clock().replace(minute=0, second=0),
        not_before=clock().replace(minute=0, second=0),
        expires_at=clock() + timedelta(days=365),
        claims=CLAIMS,
        signer=agency.signing_key,
        x5c=agency.chain,
    )
    return Holder(http, clock, key, credential)
