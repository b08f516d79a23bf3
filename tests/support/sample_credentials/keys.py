"""Three P-256 keys that are the same in every run. They sign nothing but tests."""

from cryptography.hazmat.primitives.asymmetric import ec

from giayto_crypto.keys import LocalSigner


def fixed_signer(scalar: int) -> LocalSigner:
    """Return the signer whose private key is this number."""
    return LocalSigner(ec.derive_private_key(scalar, ec.SECP256R1()))


ISSUER = fixed_signer(0x1551E5)
HOLDER = fixed_signer(0x401DE5)
STRANGER = fixed_signer(0x57A4CE5)
