"""Mode 1: a presentation of the giayto profile, reduced to what cannot be recomputed (docs/qr.md §4).

Digests of what is disclosed are recomputed and sorted back among the others; headers, member order and base64 are
fixed by the profile; chain, `iss`, `vct` and status URI are references. The result is byte for byte the presentation
that was packed, or the packer falls back to mode 0: nothing here has to be trusted, only to be repeatable.
"""

from dataclasses import dataclass
from typing import Any

from giayto_crypto import b64url, jws, strict_json
from giayto_crypto.errors import GiaytoError, MalformedError
from giayto_crypto.keys import COMPRESSED_BYTES, SIGNATURE_BYTES, PublicKey
from giayto_crypto.qr.compression import deflate, inflate
from giayto_crypto.qr.fields import FieldReader, FieldWriter
from giayto_crypto.qr.references import (
    ISSUER_REFERENCE_BYTES,
    STATUS_URI_REFERENCE_BYTES,
    VCT_REFERENCE_BYTES,
    References,
    issuer_reference,
    status_uri_reference,
    vct_reference,
)
from giayto_crypto.qr.skeleton import SkeletonBuilder, SkeletonFiller
from giayto_crypto.sdjwt.disclosure import ALGORITHM, DIGESTS
from giayto_crypto.sdjwt.issuance import HASH_NAME, ISSUED_AT_STEP
from giayto_crypto.sdjwt.presentation import IN_PERSON_AUDIENCE
from giayto_crypto.sdjwt.processing import reveal
from giayto_crypto.sdjwt.token import TYP, UnverifiedSdJwt, join_sd_jwt
from giayto_crypto.sdjwt.verification import KEY_BINDING_TYP, MAX_KEY_BINDING_BYTES, sd_hash

EPOCH = 1_735_689_600
"""2025-01-01T00:00:00Z: `iat` is counted in hours from here."""
NONCE_BYTES = 16

_HAS_KEY_BINDING = 1
_IN_PERSON = 2
_RANDOM_NONCE = 4
_ALL_FLAGS = _HAS_KEY_BINDING | _IN_PERSON | _RANDOM_NONCE


class OutsideProfileError(Exception):
    """The presentation cannot be expressed in mode 1; a signal between packers that never reaches a caller."""


@dataclass(frozen=True, slots=True)
class _Proof:
    """The parts of a key-binding JWT that cannot be recomputed."""

    issued_at: int
    nonce: str
    audience: str
    signature: bytes


def pack_profile(presentation: UnverifiedSdJwt) -> bytes:
    """Pack a presentation of the giayto profile.

    Raises:
        OutsideProfileError: something is not of the profile. Whether the result rebuilds exactly is for the caller
            to check.
    """
    try:
        return _pack(presentation)
    except (AttributeError, KeyError, TypeError, ValueError, GiaytoError) as error:
        raise OutsideProfileError from error


def unpack_profile(reader: FieldReader, references: References) -> str:
    """Rebuild the presentation from the fields that `pack_profile` wrote.

    Raises:
        MalformedError: the fields do not follow the grammar.
        UnknownReferenceError: the bundle does not know the issuer, the type or the status list.
    """
    flags = reader.take(1)[0]
    if flags & ~_ALL_FLAGS or (flags and not flags & _HAS_KEY_BINDING):
        raise MalformedError("QR: unknown flags")
    issuer = references.issuer(reader.take(ISSUER_REFERENCE_BYTES))
    vct = references.vct(reader.take(VCT_REFERENCE_BYTES))
    status_uri = references.status_uri(reader.take(STATUS_URI_REFERENCE_BYTES))
    issued_at = EPOCH + ISSUED_AT_STEP * reader.unsigned()
    not_before = issued_at + reader.signed()
    expires_at = not_before + reader.unsigned()
    idx = reader.unsigned()
    holder_key = _holder_key(reader.take(COMPRESSED_BYTES))
    signature = reader.take(SIGNATURE_BYTES)
    proof_issued_at = issued_at + reader.signed() if flags else 0
    random_nonce = reader.take(NONCE_BYTES) if flags & _RANDOM_NONCE else None
    proof_signature = reader.take(SIGNATURE_BYTES) if flags else b""
    text, tail = inflate(reader.rest())
    items = _read_items(text)
    audience = IN_PERSON_AUDIENCE if flags & _IN_PERSON or not flags else _pop_text(items)
    nonce = b64url.encode(random_nonce) if random_nonce is not None else _pop_text(items) if flags else ""

    filler = SkeletonFiller(items, tail)
    payload = {
        "iss": issuer.iss,
        "iat": issued_at,
        "nbf": not_before,
        "exp": expires_at,
        "vct": vct,
        "cnf": {"jwk": holder_key.jwk},
        "status": {"status_list": {"idx": idx, "uri": status_uri}},
        ALGORITHM: HASH_NAME,
        DIGESTS: filler.top_digests(),
    }
    header = {"alg": jws.ALGORITHM, "typ": TYP, **jws.x5c_header(issuer.x5c)}
    sd_jwt = join_sd_jwt(_join_jws(header, payload, signature), filler.finish())
    if not flags:
        return sd_jwt
    return sd_jwt + _rebuild_proof(sd_jwt, _Proof(proof_issued_at, nonce, audience, proof_signature))


def _pack(presentation: UnverifiedSdJwt) -> bytes:
    payload = presentation.jws.unverified_payload()
    reveal(payload, presentation.disclosures)
    proof = _read_proof(presentation.key_binding) if presentation.key_binding is not None else None
    nonce = _random_nonce(proof.nonce) if proof is not None else None
    skeleton = SkeletonBuilder(presentation.disclosures)
    items = skeleton.items(payload[DIGESTS])

    out = FieldWriter()
    flags = 0
    if proof is not None:
        flags |= _HAS_KEY_BINDING
        flags |= _IN_PERSON if proof.audience == IN_PERSON_AUDIENCE else 0
        flags |= _RANDOM_NONCE if nonce is not None else 0
    out.raw(bytes([flags]))
    out.raw(issuer_reference(presentation.jws.x5c_der(), payload["iss"]))
    out.raw(vct_reference(payload["vct"]))
    status = payload["status"]["status_list"]
    out.raw(status_uri_reference(status["uri"]))
    out.unsigned((payload["iat"] - EPOCH) // ISSUED_AT_STEP)
    out.signed(payload["nbf"] - payload["iat"])
    out.unsigned(payload["exp"] - payload["nbf"])
    out.unsigned(status["idx"])
    out.raw(PublicKey.from_jwk(payload["cnf"]["jwk"]).compressed)
    out.raw(presentation.jws.signature)
    if proof is not None:
        out.signed(proof.issued_at - payload["iat"])
        out.raw(nonce or b"")
        out.raw(proof.signature)
        # Read back from the end: audience first, then nonce.
        items += [proof.nonce] if nonce is None else []
        items += [proof.audience] if not flags & _IN_PERSON else []
    out.raw(deflate(strict_json.canonical(items)))
    out.raw(skeleton.salts_and_digests())
    return bytes(out.data)


def _read_proof(token: str) -> _Proof:
    parsed = jws.parse(token, typ=KEY_BINDING_TYP, max_bytes=MAX_KEY_BINDING_BYTES)
    payload = parsed.unverified_payload()
    return _Proof(payload["iat"], payload["nonce"], payload["aud"], parsed.signature)


def _rebuild_proof(sd_jwt: str, proof: _Proof) -> str:
    payload = {"iat": proof.issued_at, "nonce": proof.nonce, "aud": proof.audience, "sd_hash": sd_hash(sd_jwt)}
    return _join_jws({"alg": jws.ALGORITHM, "typ": KEY_BINDING_TYP}, payload, proof.signature)


def _join_jws(header: dict[str, Any], payload: dict[str, Any], signature: bytes) -> str:
    return ".".join(map(b64url.encode, (strict_json.canonical(header), strict_json.canonical(payload), signature)))


def _random_nonce(nonce: str) -> bytes | None:
    """Return the 16 bytes that a nonce spells in base64url, or None when it is another kind of text."""
    try:
        decoded = b64url.decode(nonce)
    except MalformedError:
        return None
    return decoded if len(decoded) == NONCE_BYTES else None


def _holder_key(point: bytes) -> PublicKey:
    try:
        return PublicKey.from_compressed(point)
    except GiaytoError as error:
        raise MalformedError("QR: the holder key is not a point on P-256") from error


def _read_items(text: bytes) -> list[Any]:
    items = strict_json.loads(text)
    if not isinstance(items, list):
        raise MalformedError("QR: its text must be a JSON array")
    return items


def _pop_text(items: list[Any]) -> str:
    text = items.pop() if items else None
    if not isinstance(text, str):
        raise MalformedError("QR: nonce or audience is missing")
    return text
