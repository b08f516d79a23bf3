"""What wallets and verifiers of other makers send: encrypted answers, and queries."""

from collections.abc import Hashable, Iterator

from giayto_crypto import b64url, jwe, strict_json
from giayto_crypto.dcql import match_credential, parse_query
from giayto_crypto.sdjwt import UnverifiedSdJwt
from parser_fuzzing import material
from parser_fuzzing.examining import Parser
from parser_fuzzing.material import as_text

MAX_ANSWER = 65_536
ANSWER = b'{"vp_token":{"document":["eyJ"]},"state":"af0ifjsldkj"}'
_QUERY = {
    "credentials": [
        {
            "id": "document",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:example:type:test-record:1"]},
            "claims": [
                {"id": "a", "path": ["full_name"]},
                {"id": "b", "path": ["visits", None, "place"], "values": [1]},
            ],
            "claim_sets": [["a", "b"], ["a"]],
        }
    ],
    "credential_sets": [{"options": [["document"]], "required": False}],
}


def made() -> Iterator[Parser]:
    """Yield the parsers of this module."""
    key = material.encryption_key()
    tokens = tuple(jwe.encrypt(ANSWER, recipient=key.jwk, enc=enc).encode() for enc in jwe.ENCRYPTIONS)
    yield Parser("JWE", read_jwe, tokens, signed=tokens)
    yield Parser("JWE header", read_jwe_header, tuple(b64url.decode(each.split(b".")[0].decode()) for each in tokens))
    yield Parser("DCQL", read_query, (strict_json.canonical(_QUERY),))


def read_jwe(data: bytes) -> Hashable:
    """Decrypt an answer. Anybody may encrypt to a public key; what is flipped is not decrypted."""
    key = material.encryption_key()
    return jwe.decrypt(as_text(data), keys={key.kid: key.private_key}, max_bytes=MAX_ANSWER).plaintext


def read_jwe_header(data: bytes) -> None:
    """Read a token with any header; it is encrypted to nobody."""
    parts = (b64url.encode(data), "", b64url.encode(bytes(12)), "AAAA", b64url.encode(bytes(16)))
    key = material.encryption_key()
    jwe.decrypt(".".join(parts), keys={key.kid: key.private_key}, max_bytes=MAX_ANSWER)


def read_query(data: bytes) -> None:
    """Read any query and hold a credential against it."""
    query = parse_query(strict_json.loads(data))
    credential = UnverifiedSdJwt.parse_issued(material.credential())
    for asked in query.credentials:
        match_credential(asked, credential)
