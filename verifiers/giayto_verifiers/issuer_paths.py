"""Certificate paths of issuers, each checked once (step 3 of docs/verification.md).

A desk sees the same few agencies all day. The outcome of a path depends on the chain, the anchors and the time alone,
and it stays the same while every certificate of the path is valid; so it is remembered together with that period.
"""

from datetime import datetime

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.certificates import CREDENTIAL_ISSUER, VerifiedCertificate, verify_chain
from giayto_crypto.jws import UnverifiedJws

MAX_REMEMBERED = 1024


class IssuerPaths:
    """Verifies the `x5c` of credentials against the anchors of one bundle. Safe for threads."""

    def __init__(self, bundle: VerifierBundle) -> None:
        self._anchors = bundle.anchors
        self._verified: dict[tuple[bytes, ...], VerifiedCertificate] = {}

    def verify(self, jws: UnverifiedJws, now: datetime) -> VerifiedCertificate:
        """Return the issuer's certificate.

        Raises:
            CertificateExpiredError: the path is good but for the time.
            CertificateError: no path to an anchor for the purpose of issuing credentials.
        """
        chain = jws.x5c_der()
        known = self._verified.get(chain)
        if known is not None and known.valid_from <= now <= known.valid_until:
            return known
        verified = verify_chain(jws.x5c(), self._anchors, purpose=CREDENTIAL_ISSUER, now=now)
        if len(self._verified) < MAX_REMEMBERED:
            self._verified[chain] = verified
        return verified
