"""Step 11, and the bundle that all steps stand on: out of date, rolled back, forged."""

from datetime import timedelta
from typing import Any

from giayto_crypto import bundle as bundles
from giayto_crypto import certificates, jws
from giayto_crypto.trust_list import TYP as TRUST_LIST_TYP
from trust_scheme import NOW, Certified
from trust_scheme.scheme import STATUS_URI
from verification_cases.casebook import Shown, book
from verification_cases.stage import Stage, certified, compact, root, signer, with_signature

BUNDLE = "docs/verification.md, The verifier bundle"
LIST = "ETSI TS 119 602 §6"
TIMES = "docs/verification.md, Times"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def with_bundle(s: Stage, bundle: str, **check: Any) -> Shown:
    """Show the usual presentation to a verifier of this bundle."""
    return Shown(text=s.presentation(), bundle=bundle, **check)


def with_trust_list(s: Stage, token: str, **check: Any) -> Shown:
    """Show the usual presentation to a verifier whose bundle has this trust list token."""
    return with_bundle(s, s.bundle_token(trust_list=token), **check)


def payload_of(token: str, typ: str) -> dict[str, Any]:
    return jws.parse(token, typ=typ, max_bytes=10**6).unverified_payload()


def signed_by(by: Certified, payload: dict[str, Any], typ: str, **header: Any) -> str:
    usual = {"alg": "ES256", "typ": typ, **jws.x5c_header(by.x5c)}
    return compact(usual | header, payload, by.signer)


@book.valid(11, TIMES)
def valid_in_the_last_second_of_the_bundle(s: Stage) -> Shown:
    """Nothing: the bundle ends one second after the check."""
    return with_bundle(s, s.bundle_token(expires_at=NOW + SECOND))


@book.unknown(11, TIMES, "bundle_expired")
def bundle_ends_now(s: Stage) -> Shown:
    """The bundle ends with the second of the check."""
    return with_bundle(s, s.bundle_token(expires_at=NOW))


@book.valid(11, TIMES)
def valid_with_a_bundle_issued_one_minute_ahead(s: Stage) -> Shown:
    """Nothing: the bundle's issuer is 60 seconds ahead, as much as is borne."""
    return with_bundle(s, s.bundle_token(issued_at=NOW + 60 * SECOND))


@book.unknown(11, TIMES, "bundle_expired")
def bundle_from_the_future(s: Stage) -> Shown:
    """The bundle was issued 61 seconds after the check."""
    return with_bundle(s, s.bundle_token(issued_at=NOW + 61 * SECOND))


@book.unknown(11, TIMES, "bundle_expired")
def bundle_whose_signer_has_ended_too(s: Stage) -> Shown:
    """Bundle and signer's certificate have both ended: it is an old bundle, not a forged one."""
    of_then = certified("Bundles of then", certificates.BUNDLE, end=NOW - DAY)
    period = {"issued_at": NOW - 3 * DAY, "expires_at": NOW - 2 * DAY}
    return with_bundle(s, s.bundle_token(signer=of_then.signer, x5c=of_then.x5c, **period))


@book.refused("RFC 5280 §4.1.2.5", "certificate_expired")
def bundle_whose_signer_has_ended(s: Stage) -> Shown:
    """The signer's certificate ended while the bundle would be good for one more day."""
    ended = certified("Ended bundles", certificates.BUNDLE, end=NOW - SECOND)
    return with_bundle(s, s.bundle_token(signer=ended.signer, x5c=ended.x5c))


@book.unknown(11, LIST, "bundle_expired")
def trust_list_expired_in_a_current_bundle(s: Stage) -> Shown:
    """The trust list's next update is due: a bundle does not outlast it."""
    return with_trust_list(s, s.trust_list_token(s.trust_list(next_update=NOW)))


@book.invalid(11, "docs/verification.md, The steps", "stale", "bundle_outdated", "bundle_expired")
def invalid_beats_unknown(s: Stage) -> Shown:
    """A stale code at a verifier without status data and with an expired bundle: what is wrong stays wrong."""
    bundle = s.bundle_token(status_lists={}, expires_at=NOW)
    return Shown(text=s.presentation(at=NOW - DAY), bundle=bundle)


@book.invalid(3, "docs/verification.md, The verifier bundle", "certificate_untrusted")
def forgery_at_an_expired_bundle(s: Stage) -> Shown:
    """A forged certificate at a verifier whose bundle has expired: forgeries are still recognised."""
    forged = s.agency_named("Forged agency", by=root("Forged root"))
    return Shown(text=s.presentation(s.credential(forged)), bundle=s.bundle_token(expires_at=NOW))


@book.refused(BUNDLE, "bundle_rolled_back")
def bundle_rolled_back(s: Stage) -> Shown:
    """A bundle that is older than one which this verifier had before."""
    return with_bundle(s, s.bundle_token(sequence=3), known_bundle=4)


@book.valid(11, BUNDLE)
def valid_with_the_same_bundle_again(s: Stage) -> Shown:
    """Nothing: bundle and trust list are those that this verifier had before."""
    return with_bundle(s, s.bundle_token(), known_bundle=3, known_trust_list=7)


@book.refused(LIST, "trust_list_rolled_back")
def trust_list_rolled_back(s: Stage) -> Shown:
    """A newer bundle with an older trust list, which may still grant what was withdrawn since."""
    older = s.trust_list_token(s.trust_list(sequence=6))
    return with_bundle(s, s.bundle_token(trust_list=older, sequence=4), known_bundle=3, known_trust_list=7)


BUNDLE_SIGNERS = {
    "bundle-of-another-root": ("under a forged root", certificates.BUNDLE, "Forged root"),
    "bundle-signed-by-an-agency": ("by an agency", certificates.CREDENTIAL_ISSUER, "Case root"),
    "bundle-signed-by-the-keeper-of-status-lists": (
        "by the keeper of the status lists",
        certificates.STATUS_LIST,
        "Case root",
    ),
}
for case_id, (what, purpose, above) in BUNDLE_SIGNERS.items():

    def of_signer(s: Stage, purpose: Any = purpose, above: str = above) -> Shown:
        other = certified(f"Bundles {purpose.dotted_string}", purpose, by=root(above))
        return with_bundle(s, s.bundle_token(signer=other.signer, x5c=other.x5c))

    book.add(case_id, f"A bundle signed {what}.", 11, BUNDLE, "refused", "certificate_untrusted", make=of_signer)


TRUST_LIST_SIGNERS = {
    "trust-list-of-another-root": ("under a forged root", certificates.TRUST_LIST, "Forged root"),
    "trust-list-signed-by-an-agency": ("by an agency", certificates.CREDENTIAL_ISSUER, "Case root"),
    "trust-list-signed-by-the-signer-of-bundles": ("by the signer of bundles", certificates.BUNDLE, "Case root"),
}
for case_id, (what, purpose, above) in TRUST_LIST_SIGNERS.items():

    def of_lister(s: Stage, purpose: Any = purpose, above: str = above) -> Shown:
        other = certified(f"Trust lists {purpose.dotted_string}", purpose, by=root(above))
        token = signed_by(other, payload_of(s.trust_list_token(), TRUST_LIST_TYP), TRUST_LIST_TYP)
        return with_trust_list(s, token)

    book.add(case_id, f"A trust list signed {what}.", 11, LIST, "refused", "certificate_untrusted", make=of_lister)


@book.refused("RFC 7515 §5.2", "signature_invalid")
def bundle_altered(s: Stage) -> Shown:
    """A bundle whose signature is of another key under the copied certificate."""
    thief = Certified(signer("Thief"), s.bundler.chain)
    return with_bundle(s, signed_by(thief, payload_of(s.bundle_token(), bundles.TYP), bundles.TYP))


@book.refused("RFC 8725 §3.2", "malformed")
def bundle_unsigned(s: Stage) -> Shown:
    """A bundle without a signature."""
    return with_bundle(s, s.bundle_token().rpartition(".")[0] + ".")


@book.refused("RFC 8725 §3.11", "malformed")
def bundle_is_a_trust_list(s: Stage) -> Shown:
    """A signed trust list in the place of the bundle."""
    return with_bundle(s, s.trust_list_token())


@book.refused(BUNDLE, "malformed")
def bundle_without_sequence(s: Stage) -> Shown:
    """A signed bundle without a sequence, which could never be recognised as rolled back."""
    payload = payload_of(s.bundle_token(), bundles.TYP)
    del payload["sequence"]
    return with_bundle(s, signed_by(s.bundler, payload, bundles.TYP))


@book.refused(BUNDLE, "malformed")
def catalogue_with_one_type_twice(s: Stage) -> Shown:
    """A catalogue that describes one type in two ways."""
    payload = payload_of(s.bundle_token(), bundles.TYP)
    payload["catalogue"]["entries"] *= 2
    return with_bundle(s, signed_by(s.bundler, payload, bundles.TYP))


@book.refused("RFC 8725 §3.2", "malformed")
def trust_list_unsigned(s: Stage) -> Shown:
    """A trust list without a signature, in a bundle that is signed."""
    return with_trust_list(s, s.trust_list_token().rpartition(".")[0] + ".")


@book.refused("RFC 7515 §5.2", "signature_invalid")
def trust_list_altered(s: Stage) -> Shown:
    """One bit of the trust list's signature was flipped, in a bundle that is signed."""
    flipped = with_signature(s.trust_list_token(), lambda raw: bytes([raw[0] ^ 1, *raw[1:]]))
    return with_trust_list(s, flipped)


@book.refused("RFC 8725 §3.11", "malformed")
def trust_list_is_a_status_list(s: Stage) -> Shown:
    """A signed status list in the place of the trust list."""
    return with_trust_list(s, s.status_list_token())


@book.refused(LIST, "malformed")
def trust_list_with_unknown_member(s: Stage) -> Shown:
    """A member that this release does not understand: it might be the one that takes authority away."""
    payload = payload_of(s.trust_list_token(), TRUST_LIST_TYP)
    payload["LoTE"]["TrustedEntitiesList"][0]["Restrictions"] = ["none after 2026"]
    return with_trust_list(s, signed_by(s.trust_lister, payload, TRUST_LIST_TYP))


@book.refused(LIST, "malformed")
def trust_list_with_unknown_status(s: Stage) -> Shown:
    """A status of a service that this release does not know."""
    payload = payload_of(s.trust_list_token(), TRUST_LIST_TYP)
    service = payload["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"][0]
    service["ServiceInformation"]["ServiceStatus"] = "urn:giayto:service-status:doubtful"
    return with_trust_list(s, signed_by(s.trust_lister, payload, TRUST_LIST_TYP))


@book.refused(LIST, "trust_list_invalid")
def trust_list_that_contradicts_itself(s: Stage) -> Shown:
    """One certificate is entered twice for one iss: once granted, once withdrawn."""
    payload = payload_of(s.trust_list_token(), TRUST_LIST_TYP)
    services = payload["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityServices"]
    services.append(services[0])
    return with_trust_list(s, signed_by(s.trust_lister, payload, TRUST_LIST_TYP))


@book.valid(11, BUNDLE)
def valid_beside_a_broken_status_list(s: Stage) -> Shown:
    """Nothing: another status list of the bundle is broken, and concerns its own documents only."""
    lists = {STATUS_URI: s.status_list_token(), STATUS_URI + "0": "broken"}
    return with_bundle(s, s.bundle_token(status_lists=lists))
