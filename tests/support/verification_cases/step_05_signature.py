"""Step 5: what the agency did not sign."""

from datetime import timedelta

from giayto_crypto import b64url, strict_json
from trust_scheme import NOW, Certified
from verification_cases.casebook import book
from verification_cases.stage import Stage, parts, signer, with_signature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNATURE = "RFC 9901 §7.1 step 2"
ECDSA = "FIPS 186-5 §6.4.2"


@book.invalid(5, SIGNATURE, "signature_invalid")
def issuer_signature_by_a_thief(s: Stage) -> str:
    """The agency's certificate was copied; the signature is of another key."""
    return s.bound(s.signed(s.payload(), by=Certified(signer("Thief"), s.agency.chain)))


@book.invalid(5, "RFC 7515 §4.1.3", "signature_invalid")
def issuer_signature_by_the_key_in_the_header(s: Stage) -> str:
    """The header names the thief's key beside the agency's certificate: keys in headers mean nothing."""
    thief = Certified(signer("Thief"), s.agency.chain)
    header = {"jwk": thief.signer.public_key.jwk, "kid": "agency"}
    return s.bound(s.signed(s.payload(), header=header, by=thief))


@book.invalid(5, SIGNATURE, "signature_invalid")
def issuer_signature_by_the_holder(s: Stage) -> str:
    """The holder signed the credential with the key that it is bound to."""
    return s.bound(s.signed(s.payload(), by=Certified(signer("Holder"), s.agency.chain)))


@book.invalid(5, SIGNATURE, "signature_invalid")
def issuer_signature_with_one_flipped_bit(s: Stage) -> str:
    """One bit of the signature was flipped."""
    token = parts(s.signed(s.payload()))[0]
    return s.bound(with_signature(token, lambda raw: bytes([raw[0] ^ 1, *raw[1:]])) + "~")


@book.invalid(5, SIGNATURE, "signature_invalid")
def payload_of_another_credential(s: Stage) -> str:
    """The payload of a longer credential under the signature of a shorter one."""
    header, _, signature = parts(s.signed(s.payload()))[0].split(".")
    longer = s.payload(exp=int((NOW + timedelta(days=3650)).timestamp()))
    return s.bound(f"{header}.{b64url.encode(strict_json.canonical(longer))}.{signature}~")


@book.invalid(5, SIGNATURE, "signature_invalid")
def header_changed_after_signing(s: Stage) -> str:
    """A member was added to the header after it had been signed."""
    header, payload, signature = parts(s.signed(s.payload()))[0].split(".")
    changed = b64url.encode(b64url.decode(header)[:-1] + b',"kid":"1"}')
    return s.bound(f"{changed}.{payload}.{signature}~")


@book.invalid(5, SIGNATURE, "signature_invalid")
def payload_encoded_anew(s: Stage) -> str:
    """The same JSON with other white space under the old signature: signatures are over the text as received."""
    header, payload, signature = parts(s.signed(s.payload()))[0].split(".")
    changed = b64url.encode(b64url.decode(payload).replace(b",", b", ", 1))
    return s.bound(f"{header}.{changed}.{signature}~")


ZERO, ONE, BEYOND = bytes(32), (1).to_bytes(32), ORDER.to_bytes(32)
FORGERIES = {
    "issuer-signature-of-zeros": ("r and s are 0, which careless code takes for every message.", ZERO + ZERO),
    "issuer-signature-r-zero": ("r is 0.", ZERO + ONE),
    "issuer-signature-s-zero": ("s is 0.", ONE + ZERO),
    "issuer-signature-r-is-the-order": ("r is the order of the group, which is 0 again.", BEYOND + ONE),
    "issuer-signature-s-is-the-order": ("s is the order of the group, which is 0 again.", ONE + BEYOND),
}
for case_id, (flaw, forged) in FORGERIES.items():

    def with_forgery(s: Stage, forged: bytes = forged) -> str:
        return s.bound(with_signature(parts(s.signed(s.payload()))[0], lambda _: forged) + "~")

    book.add(case_id, flaw, 5, ECDSA, "invalid", "signature_invalid", make=with_forgery)
