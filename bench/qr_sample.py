"""The presentation whose QR is measured: the same bytes in every run, but for the compression of the zlib at hand.

Keys, salts, nonce, times and the certificate's serial number are fixed, and signatures are deterministic (RFC 6979).
The certificate has what the sandbox's have, so that the plain string is as long as a real one.
"""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.scheme import AGENCY, CLAIMS, NOW, SHOWN, STATUS_URI, VCT
from giayto_crypto import b64url
from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_crypto.keys import COORDINATE_BYTES, PublicKey
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE, StatusReference, UnverifiedSdJwt, issue_credential, present
from giayto_crypto.sdjwt.disclosure import SALT_BYTES

ORDER = (*SHOWN, *((name,) for name in CLAIMS if (name,) not in SHOWN))
"""In this order claims are shown; the first four are those of the reference presentation."""
REFERENCE_SHOWN = len(SHOWN)
STATUS_INDEX = 500_000
NONCE_BYTES = 16
_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


def _fixed(name: str) -> bytes:
    return sha256(f"giayto QR sample: {name}".encode()).digest()


class FixedSigner:
    """A signer whose key is known to everybody and whose signatures are the same in every run."""

    def __init__(self, name: str) -> None:
        """Derive the key from a name."""
        self.private_key = ec.derive_private_key(int.from_bytes(_fixed(name)), ec.SECP256R1())

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies this signer's signatures."""
        return PublicKey.from_cryptography(self.private_key.public_key())

    def sign(self, message: bytes) -> bytes:
        """Return r and s."""
        r, s = decode_dss_signature(self.private_key.sign(message, _ES256))
        return r.to_bytes(COORDINATE_BYTES) + s.to_bytes(COORDINATE_BYTES)


_ROOT, _ISSUER, _HOLDER = (FixedSigner(name) for name in ("root", "issuer", "holder"))


def credential() -> UnverifiedSdJwt:
    """Return the credential of ten disclosable claims."""
    salts = _salts()
    return UnverifiedSdJwt.parse_issued(
        issue_credential(
            issuer=AGENCY.iss,
            vct=VCT,
            holder_key=_HOLDER.public_key,
            status=StatusReference(STATUS_URI, STATUS_INDEX),
            issued_at=NOW - timedelta(days=2),
            not_before=NOW - timedelta(days=2),
            expires_at=NOW + timedelta(days=178),
            claims=CLAIMS,
            signer=_ISSUER,
            x5c=(certificate(),),
            salt_source=lambda: next(salts),
        )
    )


def presentation(shown: int = REFERENCE_SHOWN) -> str:
    """Show the first claims of `ORDER`, with key binding, face to face.

    Args:
        shown: how many of the ten.
    """
    nonce = b64url.encode(_fixed("nonce")[:NONCE_BYTES])
    return present(credential(), ORDER[:shown], holder=_HOLDER, audience=IN_PERSON_AUDIENCE, nonce=nonce, now=NOW)


def certificate() -> bytes:
    """Return the agency's certificate, DER."""
    key = _ISSUER.public_key.cryptography_key
    builder = (
        x509.CertificateBuilder()
        .serial_number(int.from_bytes(_fixed("serial")[:19]))
        .issuer_name(_name("giayto sandbox root, trust it nowhere else"))
        .subject_name(_name(AGENCY.names.vi))
        .public_key(key)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([CREDENTIAL_ISSUER]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(AGENCY.iss)]), critical=False)
        .add_extension(_authority_key_identifier(), critical=False)
    )
    signed = builder.sign(_ROOT.private_key, hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(Encoding.DER)


def _salts() -> Iterator[bytes]:
    for number in range(len(CLAIMS)):
        yield _fixed(f"salt {number}")[:SALT_BYTES]


def _name(text: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "giayto sandbox"), (NameOID.COMMON_NAME, text))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _authority_key_identifier() -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(_ROOT.public_key.cryptography_key)


def _signing_only() -> x509.KeyUsage:
    others = (
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(digital_signature=True, **dict.fromkeys(others, False))
