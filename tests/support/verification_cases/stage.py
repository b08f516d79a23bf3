"""The fixed trust scheme of the cases, and tools that make one thing wrong at a time.

Keys, serial numbers and salts come from names and signatures are deterministic (RFC 6979), so that a case that is made
anew is the same again. The keys are public by that: they sign nothing but test data.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from giayto_crypto import b64url, certificates, jws, strict_json
from giayto_crypto.keys import LocalSigner, PublicKey, Signer
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE, Disclosure
from giayto_crypto.sdjwt.verification import sd_hash
from trust_scheme import NOW, Authority, Certified, Scheme, make_certificate
from trust_scheme.scheme import ISS, STATUS_URI, VCT

ABSENT = object()
"""A member with this value is left out."""
_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class FixedSigner(LocalSigner):
    """A key that is the same in every run, and so are its signatures."""

    __slots__ = ()

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private_key.sign(message, _ES256))
        return r.to_bytes(32) + s.to_bytes(32)


def number_of(name: str, size: int = 32) -> int:
    """Return a number that belongs to a name."""
    return int.from_bytes(sha256(f"giayto verification case: {name}".encode()).digest()[:size])


def private_key(name: str, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return the private key of a name."""
    return ec.derive_private_key(number_of(name), curve or ec.SECP256R1())


@cache
def signer(name: str) -> FixedSigner:
    """Return the signer of a name."""
    return FixedSigner(private_key(name))


@cache
def root(name: str = "Case root") -> Authority:
    """Return a root of this name."""
    key = private_key(name)
    return Authority(key, make_certificate(name, key.public_key(), name, key, ca=True, serial=number_of(name, 8)))


def intermediate(name: str, above: Authority, **wrong: Any) -> Authority:
    """Return an intermediate authority."""
    key = private_key(name)
    wrong = {"ca": True} | wrong
    certificate = make_certificate(
        name, key.public_key(), above.name, above.key, serial=number_of(name + above.name, 8), **wrong
    )
    return Authority(key, certificate, (certificate, *above.chain))


def certified(
    name: str, *usages: x509.ObjectIdentifier, by: Authority | None = None, uris: Sequence[str] = (), **wrong: Any
) -> Certified:
    """Return a key with its certificate; names of certificates that differ must differ too."""
    above, key = by or root(), signer(name)
    leaf = make_certificate(
        name,
        key.public_key.cryptography_key,
        above.name,
        above.key,
        usages=usages,
        uris=uris,
        serial=number_of(name + above.name, 8),
        **wrong,
    )
    return Certified(key, (leaf, *above.chain))


@cache
def _usual() -> dict[str, Certified]:
    return {
        "agency": certified("Agency", certificates.CREDENTIAL_ISSUER, uris=[ISS]),
        "trust_lister": certified("Trust list", certificates.TRUST_LIST),
        "status_lister": certified("Status lists", certificates.STATUS_LIST),
        "bundler": certified("Bundles", certificates.BUNDLE),
    }


class Stage(Scheme):
    """The trust scheme as one case sees it: its salts belong to the case, everything else to all."""

    def __init__(self, case_id: str) -> None:
        super().__init__(root=root(), holder=signer("Holder"), **_usual())
        object.__setattr__(self, "salt", _salts(case_id))

    salt: Callable[[], bytes]

    def credential(self, by: Certified | None = None, **changes: Any) -> str:
        return super().credential(by, **{"salt_source": self.salt} | changes)

    def agency_named(self, name: str, *uris: str, **wrong: Any) -> Certified:
        """Return an agency's certificate, by default with this scheme's `iss`."""
        return certified(name, certificates.CREDENTIAL_ISSUER, uris=uris or [ISS], **wrong)

    def disclosure(self, name: str | None, value: Any) -> Disclosure:
        """Return a disclosure with a salt of its own; one of an array element when `name` is None."""
        return Disclosure.create(self.salt(), name, value)

    def payload(self, **changes: Any) -> dict[str, Any]:
        """Return the payload of a small credential with its claims in clear; ABSENT leaves a member out."""
        issued = int(NOW.timestamp()) // 3600 * 3600
        members = {
            "iss": ISS,
            "iat": issued,
            "nbf": issued,
            "exp": issued + 86400,
            "vct": VCT,
            "cnf": {"jwk": self.holder.public_key.jwk},
            "status": {"status_list": {"idx": 5, "uri": STATUS_URI}},
            "issued_on": "2026-11-20",
            "valid_until": "2027-05-20",
        }
        return _with(members, changes)

    def signed(
        self,
        payload: Mapping[str, Any] | bytes,
        *disclosures: str,
        header: Mapping[str, Any] | bytes | None = None,
        by: Certified | None = None,
    ) -> str:
        """Sign any payload with the agency's key under any header; returns `<JWS>~<disclosure>~…~`.

        Args:
            payload: members, or the very bytes.
            disclosures: encoded ones to append.
            header: changes of the header, or its very bytes.
            by: signs in the agency's place.
        """
        by = by or self.agency
        usual = {"alg": "ES256", "typ": "dc+sd-jwt", **jws.x5c_header(by.x5c)}
        return "~".join((compact(_header(usual, header), payload, by.signer), *disclosures, ""))

    def bound(
        self,
        sd_jwt: str,
        *,
        header: Mapping[str, Any] | bytes | None = None,
        payload: bytes | None = None,
        holder: Signer | None = None,
        **changes: Any,
    ) -> str:
        """Append a key-binding JWT.

        Args:
            sd_jwt: ends with `~`.
            header: changes of the header, or its very bytes.
            payload: the very bytes of the payload, in place of the usual members.
            holder: signs in the holder's place.
            changes: of the payload's members.
        """
        members = {
            "iat": int(NOW.timestamp()) - 10,
            "nonce": "nonce-of-the-phone",
            "aud": IN_PERSON_AUDIENCE,
            "sd_hash": sd_hash(sd_jwt),
        }
        proof = _with(members, changes) if payload is None else payload
        return sd_jwt + compact(_header({"alg": "ES256", "typ": "kb+jwt"}, header), proof, holder or self.holder)

    def plain(self, **changes: Any) -> str:
        """Return the presentation of a credential with its claims in clear; see `payload`."""
        return self.bound(self.signed(self.payload(**changes)))


def compact(header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes, key: Signer) -> str:
    """Sign whatever is given as a compact JWS."""
    signing_input = ".".join(b64url.encode(_bytes(part)) for part in (header, payload))
    return f"{signing_input}.{b64url.encode(key.sign(signing_input.encode()))}"


def parts(presentation: str) -> list[str]:
    """Return the JWS, the disclosures and the key-binding JWT (or an empty text) of a presentation."""
    return presentation.split("~")


def unbound(presentation: str) -> str:
    """Return a presentation without its key-binding JWT."""
    return presentation.rpartition("~")[0] + "~"


def with_signature(token: str, change: Callable[[bytes], bytes]) -> str:
    """Return a compact JWS with another signature."""
    signing_input, _, signature = token.rpartition(".")
    return f"{signing_input}.{b64url.encode(change(b64url.decode(signature)))}"


def jwk_on(curve: ec.EllipticCurve, name: str, crv: str) -> dict[str, str]:
    """Return a public JWK on another curve than P-256."""
    numbers = private_key(name, curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    x, y = (b64url.encode(number.to_bytes(size)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": crv, "x": x, "y": y}


def public(name: str) -> PublicKey:
    """Return the public key of a name."""
    return signer(name).public_key


def _salts(case_id: str) -> Callable[[], bytes]:
    made = 0

    def salt() -> bytes:
        nonlocal made
        made += 1
        return sha256(f"{case_id} {made}".encode()).digest()[:16]

    return salt


def _with(members: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (members | dict(changes)).items() if value is not ABSENT}


def _header(usual: dict[str, Any], changes: Mapping[str, Any] | bytes | None) -> Mapping[str, Any] | bytes:
    return changes if isinstance(changes, bytes) else _with(usual, changes or {})


def _bytes(part: Mapping[str, Any] | bytes) -> bytes:
    return part if isinstance(part, bytes) else strict_json.canonical(part)
