"""What issuance needs of a running application, made once from its keys."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from giayto_crypto.jwe import EncryptionKey
from giayto_wallet_api.authorization.pre_authorized_codes import CodeKeys
from giayto_wallet_api.credential_issuance.nonces import CredentialNonces
from giayto_wallet_api.hosted_signing.signers import FileSigners, HostedSigners
from giayto_wallet_api.server_keys import ServerKeys
from giayto_wallet_api.settings import Settings

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuanceParts:
    """Signers, nonces and keys of the credential issuer.

    Args:
        hosted_signers: of agencies that chose to be signed for.
        nonces: for key proofs.
        request_key: what wallets encrypt requests to.
        code_keys: behind pre-authorized and transaction codes.
    """

    hosted_signers: HostedSigners
    nonces: CredentialNonces
    request_key: EncryptionKey = field(repr=False)
    code_keys: CodeKeys = field(repr=False)


def build_issuance_parts(settings: Settings, keys: ServerKeys) -> IssuanceParts:
    """Make the parts; nothing is read yet."""
    return IssuanceParts(
        hosted_signers=FileSigners(settings.keys_folder / "agencies"),
        nonces=CredentialNonces(keys.derive("credential-nonce")),
        request_key=_request_key(keys),
        code_keys=CodeKeys(code=keys.derive("pre-authorized-code"), tx_code=keys.derive("transaction-code")),
    )


def _request_key(keys: ServerKeys) -> EncryptionKey:
    # Derived, so that all processes publish the same key without one more file.
    secret = int.from_bytes(keys.derive("credential-request-encryption")) % (_P256_ORDER - 1) + 1
    return EncryptionKey(ec.derive_private_key(secret, ec.SECP256R1()))
