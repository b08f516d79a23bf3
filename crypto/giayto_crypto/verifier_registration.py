"""A verifier's registration: what the trust scheme says of who asks, signed, carried by requests to wallets.

A certificate tells that a verifier's key is certified. This tells which registered body that is, in words for people,
and which domains are its own. It is short-lived, so that a withdrawal takes effect.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from cryptography import x509

from giayto_crypto.certificates import VERIFIER_REGISTRATION
from giayto_crypto.certified_jws import NumericDate, sign_certified, verify_certified
from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import Signer
from giayto_crypto.localised import Localised

TYP: Final = "giayto-verifier-registration+jwt"
_MAX_BYTES: Final = 32 * 1024


class RegistrationError(GiaytoError):
    """A registration is not authentic, not current, or another verifier's."""

    code = "verifier_registration_invalid"
    message_vi = "Không xác nhận được bên kiểm tra đã đăng ký."
    message_en = "That this verifier is registered could not be confirmed."


class VerifierRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """Who a verifier is.

    Attributes:
        iss: the operator that registered it.
        sub: its `client_id`, with the prefix.
        verifier_id: how the operator names it.
        names: what people call it.
        domains: its own domains; an answer leads the holder nowhere else.
        iat, exp: when this may be relied on.
    """

    iss: str
    sub: str
    verifier_id: str
    names: Localised
    domains: Annotated[tuple[str, ...], msgspec.Meta(max_length=50)]
    iat: NumericDate
    exp: NumericDate

    @property
    def issued_at(self) -> datetime:
        """`iat`."""
        return datetime.fromtimestamp(self.iat, UTC)

    @property
    def expires_at(self) -> datetime:
        """`exp`."""
        return datetime.fromtimestamp(self.exp, UTC)


def sign_registration(registration: VerifierRegistration, *, signer: Signer, x5c: Sequence[bytes]) -> str:
    """Sign a registration with the operator's key for registrations."""
    return sign_certified(msgspec.to_builtins(registration), typ=TYP, signer=signer, x5c=x5c)


def verify_registration(
    token: str, *, client_id: str, anchors: Sequence[x509.Certificate], now: datetime
) -> VerifierRegistration:
    """Verify a registration that came with a request.

    Args:
        token: as received.
        client_id: who asks.
        anchors: the pinned roots.
        now: time of the check.

    Raises:
        RegistrationError: not current, or another verifier's.
        GiaytoError: grammar, certificate or signature.
    """
    registration = verify_certified(
        token,
        VerifierRegistration,
        typ=TYP,
        purpose=VERIFIER_REGISTRATION,
        anchors=anchors,
        now=now,
        max_bytes=_MAX_BYTES,
    )
    if registration.sub != client_id:
        raise RegistrationError("registration: it is another verifier's")
    if not registration.issued_at <= now < registration.expires_at:
        raise RegistrationError("registration: not yet, or no longer, good")
    return registration
