"""Issuing, verifying and packing one credential, against raw P-256 and PyPI `sd-jwt`.

The limit is what `cryptography` needs for the signatures alone; AWS-LC, where it is used, is held against the same one.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.harness import Bound, Row, compare, medians
from bench.peer import Peer
from bench.scheme import CLAIMS, NOW, SHOWN, STATUS_ENTRIES, STATUS_URI, Scheme
from giayto_crypto import engines, qr
from giayto_crypto.keys import COMPRESSED_BYTES, SIGNATURE_BYTES
from giayto_crypto.qr.profile import NONCE_BYTES
from giayto_crypto.qr.skeleton import DIGEST_BYTES
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_crypto.sdjwt.disclosure import SALT_BYTES
from giayto_verifiers import InMemoryReplayGuard, Policy, Valid, Verifier

PRESENTATIONS = 4096
"""So many different ones are verified in turn; the replay guard is emptied when they begin anew."""

_MESSAGE = b"m" * 1200  # about as long as a credential's signing input
_ES256 = ec.ECDSA(hashes.SHA256())


def rows() -> list[Row]:
    """Measure and compare."""
    scheme, peer = Scheme.create(), Peer()
    engines.use("aws-lc")
    scheme_of_aws_lc = Scheme.create()
    engines.use("openssl")
    raw_key = ec.generate_private_key(ec.SECP256R1())
    raw_signature = raw_key.sign(_MESSAGE, _ES256)
    raw_public = raw_key.public_key()

    def verify_two() -> None:
        raw_public.verify(raw_signature, _MESSAGE, _ES256)
        raw_public.verify(raw_signature, _MESSAGE, _ES256)

    presentations = _presentations(scheme)
    presentations_of_aws_lc = _presentations(scheme_of_aws_lc)
    texts = [qr.pack(presentation) for presentation in presentations]
    peer_presentation = peer.present(peer.issue())
    statuses = scheme.bundle.status_lists[STATUS_URI].statuses
    plain_bytes = bytes(STATUS_ENTRIES // 4)
    took = medians(
        {
            "sign": lambda: raw_key.sign(_MESSAGE, _ES256),
            "verify two": verify_two,
            "issue": scheme.credential,
            "peer issue": peer.issue,
            "verify": _verifying(scheme, presentations),
            "issue by AWS-LC": _by_aws_lc(scheme_of_aws_lc.credential),
            "verify by AWS-LC": _by_aws_lc(_verifying(scheme_of_aws_lc, presentations_of_aws_lc)),
            "verify QR": _verifying(scheme, texts),
            "peer verify": lambda: peer.verify(peer_presentation),
            "status": lambda: statuses.status(500_000),
            "bytes index": lambda: plain_bytes[125_000],
        }
    )
    peer_issue = Bound("PyPI sd-jwt", took["peer issue"], 5)
    peer_verify = Bound("PyPI sd-jwt", took["peer verify"], 4)
    one, two = "1 P-256 signature", "2 P-256 verifications"
    return [
        compare("issue, 10 claims", took["issue"], Bound(one, took["sign"], 0.55), peer_issue),
        compare("issue, by AWS-LC", took["issue by AWS-LC"], Bound(one, took["sign"], 0.55), peer_issue),
        compare("verify, 4 of 10 shown", took["verify"], Bound(two, took["verify two"], 0.85), peer_verify),
        compare("verify, by AWS-LC", took["verify by AWS-LC"], Bound(two, took["verify two"], 0.85), peer_verify),
        compare("verify the QR's text", took["verify QR"], Bound(two, took["verify two"])),
        compare("status look-up", took["status"], Bound("index into bytes", took["bytes index"], 0.3)),
        _size(texts[0], presentations[0]),
    ]


def _presentations(scheme: Scheme) -> list[str]:
    credential = UnverifiedSdJwt.parse_issued(scheme.credential())
    return [scheme.presentation(credential) for _ in range(PRESENTATIONS)]


def _by_aws_lc(workload: Callable[[], object]) -> Callable[[], object]:
    """Return a workload whose new keys, such as the holder's, are of AWS-LC too."""

    def run() -> object:
        engines.use("aws-lc")
        try:
            return workload()
        finally:
            engines.use("openssl")

    return run


def _verifying(scheme: Scheme, texts: list[str]) -> Callable[[], object]:
    """Return a workload that verifies another presentation at each call, with the replay guard at work."""
    upcoming = iter(texts)
    verifier = _verifier(scheme)

    def verify() -> object:
        nonlocal upcoming, verifier
        text = next(upcoming, None)
        if text is None:
            upcoming, verifier = iter(texts), _verifier(scheme)
            text = next(upcoming)
        verdict = verifier.verify(text, now=NOW)
        if not isinstance(verdict, Valid):
            raise RuntimeError(f"the benchmark's own presentation is refused: {verdict}")
        return verdict

    return verify


def _verifier(scheme: Scheme) -> Verifier:
    return Verifier(scheme.bundle, policy=Policy(), replay_guard=InMemoryReplayGuard())


def _size(text: str, presentation: str) -> Row:
    """Compare the packed size with what no packing can leave out: keys, signatures, salts, digests, nonce, index."""
    hidden = len(CLAIMS) - len(SHOWN)
    floor = 2 * SIGNATURE_BYTES + COMPRESSED_BYTES + SALT_BYTES * len(SHOWN) + DIGEST_BYTES * hidden + NONCE_BYTES + 3
    packed = (len(text) - len(qr.PREFIX)) * 2 // 3
    limit = Bound("bytes that cannot be recomputed", floor, 1 / 1.2)
    return compare("QR size", packed, limit, Bound("plain string", len(presentation)), unit="bytes")
