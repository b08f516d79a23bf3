"""SD-JWTs, their disclosures and proofs, whole presentations, and QR texts."""

import json
from collections.abc import Hashable, Iterator
from contextlib import suppress

from giayto_crypto import b64url, qr, strict_json
from giayto_crypto.errors import GiaytoError
from giayto_crypto.sdjwt import (
    AuthenticSdJwt,
    Disclosure,
    UnverifiedSdJwt,
    disclosure_paths,
    verify_issuer_signature,
    verify_key_binding,
)
from giayto_verifiers import Valid
from giayto_verifiers.presentations import plain
from parser_fuzzing import material
from parser_fuzzing.examining import Parser
from parser_fuzzing.material import as_text
from sample_credentials import opened, seal
from trust_scheme.scheme import CLAIMS
from verification_cases.stage import unbound

MEMBERS = ("issuer", "vct", "issued_at", "not_before", "expires_at", "holder_key", "status")


def made() -> Iterator[Parser]:
    """Yield the parsers of this module."""
    credential, shown = material.credential(), material.presentation()
    proof = shown.rpartition("~")[2]
    texts = tuple(material.case_texts("presentation.txt"))
    qr_texts = (*material.case_texts("qr.txt"), *material.pinned_qr_texts())
    bodies = tuple(opened(text) for text in (material.qr_text(), *_intact(qr_texts)))
    yield Parser("disclosure", read_disclosure, (b'["c2FsdA","name","value"]', b'["c2FsdA",{"_sd":["A"],"...":1}]'))
    yield Parser("SD-JWT", read_sd_jwt, (credential.encode(),), signed=(credential.encode(),))
    yield Parser("SD-JWT, contents", read_sd_jwt_contents, (_contents(credential), _nested()))
    yield Parser("KB-JWT", read_key_binding, (shown.encode(), *texts), signed=(shown.encode(),))
    yield Parser("KB-JWT, contents", read_key_binding_contents, (material.payload_of(proof),))
    yield Parser("presentation", read_presentation, (shown.encode(), *texts), signed=(shown.encode(),))
    packed = material.qr_text().encode()
    yield Parser("QR text", read_presentation, (packed, *qr_texts), signed=(packed,))
    yield Parser("QR body", read_qr_body, bodies, signed=bodies[:1])


def read_disclosure(data: bytes) -> None:
    """Read a disclosure of any content, and any text as a disclosure."""
    with suppress(GiaytoError):
        Disclosure.parse(as_text(data))
    Disclosure.parse(b64url.encode(data))


def read_sd_jwt(data: bytes) -> Hashable:
    """Verify an SD-JWT of the agency. A holder may leave claims out: only claims that were not issued are reported."""
    parsed = UnverifiedSdJwt.parse_issued(as_text(data))
    authentic = verify_issuer_signature(parsed, material.stage().agency.signer.public_key)
    added = {name: value for name, value in authentic.claims.items() if CLAIMS.get(name) != value}
    return strict_json.canonical([authentic.payload, added])


def read_sd_jwt_contents(data: bytes) -> None:
    """Verify an SD-JWT whose issuer signed anything: the first line is the payload, each other one a disclosure."""
    agency = material.stage().agency
    payload, *disclosures = data.split(b"\n")
    token = material.certified_as_is(payload, "dc+sd-jwt", agency)
    text = "~".join((token, *map(b64url.encode, disclosures), ""))
    _expect_qr_round_trip(text)
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(text), agency.signer.public_key)
    _read_members(authentic)
    list(disclosure_paths(UnverifiedSdJwt.parse(text)))
    material.judged(text)


def read_key_binding(data: bytes) -> Hashable:
    """Verify issuer's and holder's signatures of a presentation."""
    parsed = UnverifiedSdJwt.parse(as_text(data))
    authentic = verify_issuer_signature(parsed, material.stage().agency.signer.public_key)
    binding = verify_key_binding(authentic)
    return strict_json.canonical(authentic.claims), binding.nonce, binding.audience, binding.issued_at


def read_key_binding_contents(data: bytes) -> None:
    """Verify a presentation whose holder signed anything."""
    proof = material.signed_as_is(data, {"typ": "kb+jwt"}, material.stage().holder)
    text = unbound(material.presentation()) + proof
    _expect_qr_round_trip(text)
    material.judged(text)


def read_presentation(data: bytes) -> Hashable | None:
    """Let a verifier judge any text. It refuses by its verdict, never by an error."""
    verdict = material.judged(as_text(data))
    if not isinstance(verdict, Valid):
        raise Refused(str(verdict.reasons))
    return strict_json.canonical(plain(verdict.presentation.claims))


def read_qr_body(data: bytes) -> Hashable | None:
    """Let a verifier judge a QR with any body under a fresh check sum."""
    return read_presentation(seal(data).encode())


class Refused(GiaytoError):  # noqa: N818
    """A verdict that is not `Valid`."""

    code = "refused"
    message_vi = message_en = "refused"


def _read_members(authentic: AuthenticSdJwt) -> None:
    for name in MEMBERS:
        with suppress(GiaytoError):
            getattr(authentic, name)


def _expect_qr_round_trip(text: str) -> None:
    try:
        packed = qr.pack(text)
    except GiaytoError:
        return
    if qr.unpack(packed, material.bundle().references) != text:
        raise AssertionError("a QR does not carry it unchanged")


def _intact(texts: tuple[bytes, ...]) -> Iterator[str]:
    for text in texts:
        with suppress(GiaytoError, ValueError):
            opened(text.decode())
            yield text.decode()


def _contents(credential: str) -> bytes:
    token, *disclosures, _ = credential.split("~")
    return b"\n".join((material.payload_of(token), *map(b64url.decode, disclosures)))


def _nested() -> bytes:
    element = Disclosure.create(bytes(16), None, {"a": 1})
    inner = Disclosure.create(bytes(range(16)), "inner", [{"...": element.digest}, 2])
    outer = Disclosure.create(bytes(range(1, 17)), "outer", {"_sd": [inner.digest]})
    payload = json.loads(_contents(material.credential()).split(b"\n")[0]) | {"_sd": [outer.digest]}
    parts = (b64url.decode(part.encoded) for part in (element, inner, outer))
    return b"\n".join((strict_json.canonical(payload), *parts))
