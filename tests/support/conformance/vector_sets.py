"""The public vector sets: what each is, where it comes from, and which are not run and why."""

from dataclasses import dataclass

IETF = "IETF Trust Legal Provisions (Revised BSD for code)"
APACHE = "Apache-2.0"
CC0 = "CC0-1.0 / IETF Trust"
OIDF = "OpenID Foundation, free for implementing"


@dataclass(frozen=True)
class VectorSet:
    """One set of vectors.

    Attributes:
        key: what tests call it.
        title: what readers call it.
        source: where it comes from, with the commit that was taken.
        licence: of the vectors.
        place: folder or file under the vectors' folder.
        note: how to read its numbers, where they say less than they seem to.
    """

    key: str
    title: str
    source: str
    licence: str
    place: str
    note: str = ""


VECTOR_SETS = (
    VectorSet(
        "rfc9901",
        "SD-JWT: examples of RFC 9901",
        "oauth-wg/oauth-selective-disclosure-jwt 836b87c; tokens made from its specifications by sd-jwt 0.10.4",
        IETF,
        "sd-jwt/rfc9901-examples",
        "A case passes when signature, disclosed claims, payload, key binding and what the issuer handed out are all "
        "as the example says, and when another key is refused.",
    ),
    VectorSet(
        "sd-jwt-python",
        "SD-JWT: cases of sd-jwt-python",
        "openwallet-foundation-labs/sd-jwt-python cde6139; tokens made the same way",
        APACHE,
        "sd-jwt/python-testcases",
        "Judged as the examples of RFC 9901 are.",
    ),
    VectorSet(
        "sd-jwt-vc",
        "SD-JWT VC: examples",
        "oauth-wg/oauth-sd-jwt-vc f50f0a4 (draft 19); tokens made the same way",
        CC0,
        "sd-jwt-vc/examples",
        "Judged as the examples of RFC 9901 are, and carried by a QR and read back.",
    ),
    VectorSet(
        "sd-jwt-vc-blocks",
        "SD-JWT VC: payloads and type metadata of the text",
        "the same, the JSON blocks of the specification",
        CC0,
        "sd-jwt-vc/spec-json-blocks.json",
        "Payloads are signed here and read. Metadata is carried in a verifier bundle unchanged; what giayto publishes "
        "of its own types uses the members of the examples, with values of the same kind.",
    ),
    VectorSet(
        "status-list",
        "Token Status List: lists of 1, 2, 4 and 8 bits, tokens",
        "oauth-wg/draft-ietf-oauth-status-list 2fb61cd (draft 20)",
        IETF,
        "status-list/status-list-vectors.json",
        "A list passes when each status is read and the same statuses build the same list; compared after inflating.",
    ),
    VectorSet(
        "wycheproof-jws",
        "Wycheproof: JSON Web Signature",
        "C2SP/wycheproof dac1dd4, json_web_signature",
        APACHE,
        "wycheproof/testvectors_v1/json_web_signature_test.json",
        "41 cases have a P-256 key: each is judged as Wycheproof judges it. Invalid cases of other algorithms pass "
        "because giayto refuses the algorithm, before it would come to the flaw that the case is about.",
    ),
    VectorSet(
        "wycheproof-jwk",
        "Wycheproof: JSON Web Key",
        "C2SP/wycheproof dac1dd4, json_web_key",
        APACHE,
        "wycheproof/testvectors_v1/json_web_key_test.json",
        "giayto takes one key and never a set, so flaws of a set are refused with the set. A test repairs each flawed "
        "P-256 key and sees it accepted, so that it is the flaw that is refused.",
    ),
    *(
        VectorSet(
            f"wycheproof-p1363-{engine}",
            f"Wycheproof: ECDSA P-256 SHA-256, P1363, by {library}",
            "C2SP/wycheproof dac1dd4, ecdsa_secp256r1_sha256_p1363",
            APACHE,
            "wycheproof/testvectors_v1/ecdsa_secp256r1_sha256_p1363_test.json",
        )
        for engine, library in (("openssl", "OpenSSL"), ("aws-lc", "AWS-LC"))
    ),
    VectorSet("base45", "Base45: RFC 9285", "the examples of the RFC", IETF, "base45/rfc9285.json"),
    VectorSet(
        "rfc-jose-oauth",
        "Thumbprint, PKCE and DPoP: RFC 7638, 7636, 9449",
        "the examples of the RFCs",
        IETF,
        "jose-oauth-misc/rfc-vectors.json",
    ),
    VectorSet(
        "openid4vci",
        "OpenID4VCI 1.0: example messages",
        "openid/OpenID4VCI 2d9fd4a, the examples of the specification",
        OIDF,
        "openid4vci",
        "Offers are resolved as a wallet does, authorization details read as the server does, metadata and credentials "
        "as a wallet does; the signed metadata are verified.",
    ),
    VectorSet(
        "openid4vp",
        "OpenID4VP 1.0: example messages",
        "openid/OpenID4VP 46f6965, the examples of the specification",
        OIDF,
        "openid4vp",
        "DCQL queries of every format are read and written back unchanged; the presentation is verified; the encrypted "
        "response is decrypted.",
    ),
)

_LIBRARY = "that of `cryptography`, which runs these vectors itself"
NOT_RUN = {
    "attestation-client-auth": "attestation of client instances is not implemented",
    "mdoc": "ISO/IEC 18013-5 documents are not implemented",
    "wycheproof/testvectors_v1/aes_gcm_test.json": f"AES-GCM is {_LIBRARY}",
    "wycheproof/testvectors_v1/ecdh_secp256r1_webcrypto_test.json": f"ECDH is {_LIBRARY}",
}
"""Vectors that are there and are not run, each with its reason."""
