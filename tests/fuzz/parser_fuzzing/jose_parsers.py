"""JSON, encodings, tokens, keys and certificates, and the signed claims that clients send."""

from collections.abc import Hashable, Iterator
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto import b64url, certificates, jws, jwt_claims, strict_json
from giayto_crypto.keys import PublicKey
from giayto_crypto.qr import base45
from giayto_wallet_api.dpop.proof import verify_proof
from giayto_wallet_api.holder_keys.proof import unverified_nonce, verify_holder_key_proof
from parser_fuzzing import material
from parser_fuzzing.examining import Parser
from parser_fuzzing.material import as_text
from trust_scheme import NOW

API = "https://wallet.example"
TOKEN_ENDPOINT = f"{API}/oauth/token"
ACCESS_TOKEN = "access-token"
NONCE = "nonce-of-the-server"
CLIENT_TYP = "client-authentication+jwt"
DPOP_TYP = "dpop+jwt"
HOLDER_KEY_TYP = "giayto-holder-key+jwt"
MAX_BASE45 = 4296
"""Base64url and base45 have no limit of their own: those who call them look at the length first."""
MAX_BASE64URL = 65_536


def made() -> Iterator[Parser]:
    """Yield the parsers of this module."""
    payload, credential = b'{"a":[1,{"b":null}],"c":"\\u1ec7"}', material.credential().split("~")[0]
    leaf = material.stage().agency.x5c[0]
    jwk = strict_json.canonical(material.CLIENT.public_key.jwk)
    yield Parser("base64url", read_base64url, (b"AQID", b"e30", b"_-8"))
    yield Parser("base45", read_base45, (b"BB8", b"QED8WEX0", b"UJCLQE7W581"))
    yield Parser("strict JSON", read_json, (payload, material.header_of(credential), material.payload_of(credential)))
    yield Parser("JWS", read_jws, (credential.encode(),), signed=(credential.encode(),))
    yield Parser("JWS header", read_jws_header, (material.header_of(credential), b'{"alg":"ES256","typ":"dc+sd-jwt"}'))
    yield Parser("JWK", read_jwk, (jwk, b'{"kty":"EC","crv":"P-256","x":"","y":"","use":"sig","key_ops":["verify"]}'))
    yield Parser("x5c", read_certificate, (leaf,), signed=(leaf,))
    yield from _proofs()


def read_base64url(data: bytes) -> None:
    """Read base64url; whatever is read is written the same way again."""
    text = as_text(data)[:MAX_BASE64URL]
    if b64url.encode(b64url.decode(text)) != text:
        raise AssertionError("two texts for the same bytes")


def read_base45(data: bytes) -> None:
    """Read base45; whatever is read is written the same way again."""
    text = as_text(data)[:MAX_BASE45]
    if base45.encode(base45.decode(text)) != text:
        raise AssertionError("two texts for the same bytes")


def read_json(data: bytes) -> None:
    """Read JSON; what is read can be written and read again."""
    value = strict_json.loads(data)
    if strict_json.loads(strict_json.canonical(value), max_bytes=8 * len(data) + 8) != value:
        raise AssertionError("written and read again it is another value")


def read_jws(data: bytes) -> Hashable:
    """Read and verify a token of the agency."""
    token = jws.parse(as_text(data), typ="dc+sd-jwt")
    return strict_json.canonical(token.verify(material.stage().agency.signer.public_key))


def read_jws_header(data: bytes) -> None:
    """Read a token with any header."""
    jws.parse(f"{b64url.encode(data)}.e30.{b64url.encode(bytes(64))}", typ="dc+sd-jwt").x5c()


def read_jwk(data: bytes) -> None:
    """Read a JSON Web Key."""
    key = PublicKey.from_jwk(strict_json.loads_object(data))
    if PublicKey.from_jwk(key.jwk) != key or PublicKey.from_compressed(key.compressed) != key:
        raise AssertionError("written and read again it is another key")


def read_certificate(data: bytes) -> Hashable:
    """Read a certificate from a header and look for its path to the root."""
    token = material.signed_header({"typ": "dc+sd-jwt"} | jws.x5c_header([data]))
    chain = jws.parse(token, typ="dc+sd-jwt").x5c()
    PublicKey.from_certificate(chain[0])
    found = certificates.verify_chain(chain, material.stage().anchors, purpose=certificates.CREDENTIAL_ISSUER, now=NOW)
    return found.key, found.san_uris, found.leaf.public_bytes(Encoding.DER)


def read_client_assertion(data: bytes) -> Hashable:
    """Verify what an agency logs in with."""
    claims = jwt_claims.verify_claims(
        as_text(data),
        typ=CLIENT_TYP,
        key=material.CLIENT.public_key,
        issuer="client",
        audience=API,
        now=NOW,
        max_age=timedelta(minutes=2),
        required=("iat", "exp", "jti"),
    )
    return strict_json.canonical(claims)


def read_dpop_proof(data: bytes) -> Hashable:
    """Verify a DPoP proof."""
    proof = verify_proof(as_text(data), method="POST", url=TOKEN_ENDPOINT, now=NOW, access_token=ACCESS_TOKEN)
    return proof.key, proof.jti, repr(proof.nonce)


def read_holder_key_proof(data: bytes) -> Hashable:
    """Verify the proof of a holder key."""
    proof = as_text(data)
    return verify_holder_key_proof(proof, position=0, audience=API, nonce=unverified_nonce(proof), now=NOW)


def _proofs() -> Iterator[Parser]:
    issued = int(NOW.timestamp())
    jwk = {"jwk": material.CLIENT.public_key.jwk}
    dpop = {"jti": "proof-1", "htm": "POST", "htu": TOKEN_ENDPOINT, "iat": issued, "nonce": NONCE}
    ath = "Pxa-1wifRlPl7yG_0oJNfzqq7MelmOfonFgOFgapzFI"
    kinds: tuple[tuple[str, Any, dict[str, Any], dict[str, Any]], ...] = (
        (
            "client assertion",
            read_client_assertion,
            {"typ": CLIENT_TYP},
            {"iss": "client", "sub": "client", "aud": API, "iat": issued, "exp": issued + 60, "jti": "assertion-1"},
        ),
        ("DPoP proof", read_dpop_proof, {"typ": DPOP_TYP} | jwk, dpop | {"ath": ath}),
        (
            "holder-key proof",
            read_holder_key_proof,
            {"typ": HOLDER_KEY_TYP} | jwk,
            {"aud": API, "iat": issued, "nonce": NONCE},
        ),
    )
    for name, read, header, claims in kinds:
        payload = strict_json.canonical(claims)
        token = material.signed_as_is(payload, header, material.CLIENT).encode()
        yield Parser(name, read, (token,), signed=(token,))
        yield Parser(f"{name}, contents", material.nothing_believed(read, header, material.CLIENT), (payload,))
