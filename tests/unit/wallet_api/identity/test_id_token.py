"""An ID token is believed only from its issuer, for our client, for this device, now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.keys import LocalSigner
from giayto_issuers.subjects import Subject
from giayto_wallet_api.identity.citizen_identity import IdentityRefusedError
from giayto_wallet_api.identity.id_token import OidcIdentityProvider

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ISSUER, CLIENT, NONCE = "https://idp.example", "giayto-wallet", "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"
SIGNER = LocalSigner.generate()
PROVIDER = OidcIdentityProvider(issuer=ISSUER, client_id=CLIENT, keys={SIGNER.public_key.thumbprint: SIGNER.public_key})


def id_token(signer: LocalSigner = SIGNER, *, kid: str | None = None, typ: str = "JWT", **changes: Any) -> str:
    issued_at = int(NOW.timestamp())
    claims = {
        "iss": ISSUER,
        "sub": "a",
        "aud": CLIENT,
        "iat": issued_at,
        "exp": issued_at + 300,
        "nonce": NONCE,
        "personal_number": "001099000017",
        "full_name": "Nguyễn Thị Hồng",
        "birth_date": "1999-02-28",
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jws.sign(kept, signer=signer, typ=typ, header={"kid": kid or SIGNER.public_key.thumbprint})


async def test_a_good_token_tells_who_logged_in() -> None:
    identity = await PROVIDER.verify(id_token(), nonce=NONCE, now=NOW)
    assert identity.subject == Subject("person", "001099000017")
    assert (identity.full_name, identity.birth_date) == ("Nguyễn Thị Hồng", "1999-02-28")


async def test_a_good_token_of_an_organisation() -> None:
    token = id_token(tax_code="0100109106", organisation_name="Công ty Thử Nghiệm", personal_number=None)
    identity = await PROVIDER.verify(token, nonce=NONCE, now=NOW)
    assert identity.subject == Subject("organisation", "0100109106")
    assert (identity.full_name, identity.birth_date) == ("Công ty Thử Nghiệm", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": None},
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"nonce": None},
        {"nonce": "of another device"},
        {"exp": int((NOW - timedelta(minutes=1)).timestamp())},
        {"exp": int((NOW + timedelta(hours=1)).timestamp())},
        {"iat": int((NOW - timedelta(minutes=6)).timestamp())},
        {"iat": int((NOW + timedelta(minutes=1)).timestamp())},
        {"personal_number": None},
        {"full_name": ""},
        {"birth_date": 1999},
    ],
)
async def test_anything_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(IdentityRefusedError):
        await PROVIDER.verify(id_token(**changes), nonce=NONCE, now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        id_token(LocalSigner.generate()),
        id_token(kid="unknown"),
        id_token(typ="dpop+jwt"),
        "not a token",
    ],
)
async def test_tokens_of_others_are_refused(token: str) -> None:
    with pytest.raises(IdentityRefusedError):
        await PROVIDER.verify(token, nonce=NONCE, now=NOW)


async def test_a_refusal_repeats_nothing_of_the_token() -> None:
    with pytest.raises(IdentityRefusedError) as refused:
        await PROVIDER.verify(id_token(aud="another-client"), nonce=NONCE, now=NOW)
    for secret in ("001099000017", "Hồng", "1999", NONCE, "another-client"):
        assert secret not in str(refused.value)
