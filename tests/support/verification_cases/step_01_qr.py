"""Step 1, QR: texts that cannot be unpacked, and texts that unpack to something else than was signed."""

from giayto_crypto import b64url, qr
from giayto_crypto.qr import issuer_reference, status_uri_reference, vct_reference
from giayto_crypto.qr.base45 import ALPHABET
from giayto_crypto.qr.fields import FieldReader, FieldWriter
from giayto_crypto.qr.profile import pack_profile
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_crypto.sdjwt.verification import sd_hash
from sample_credentials.packed import opened, seal
from trust_scheme import NOW
from trust_scheme.scheme import CLAIMS, SHOWN, STATUS_URI
from verification_cases.casebook import Shown, book
from verification_cases.qr_fields import bomb, fields_of, integer, items_of, sealed, text_of
from verification_cases.stage import Stage, compact, signer, unbound

TEXT = "docs/qr.md §1"
FIELDS = "docs/qr.md §2"
REFERENCES = "docs/qr.md §3"
PROFILE = "docs/qr.md §4"
SKELETONS = "docs/qr.md §4.2"
LIMITS = "docs/qr.md §7"
BASE45 = "RFC 9285 §4"


@book.valid(11, PROFILE)
def valid_qr(s: Stage) -> str:
    """Nothing: the usual presentation in its QR."""
    return qr.pack(s.presentation())


@book.valid(11, "docs/qr.md §5")
def valid_qr_of_mode_0(s: Stage) -> str:
    """Nothing: a credential outside the profile (its claims stand in clear), lifted to bytes."""
    return qr.pack(s.plain())


@book.invalid(1, TEXT, "malformed")
def qr_of_a_web_address(s: Stage) -> str:
    """Another QR altogether."""
    return "https://dichvucong.example/ho-so?id=1"


@book.invalid(1, TEXT, "unsupported_format")
def qr_of_a_later_format(s: Stage) -> str:
    """The prefix of a format that is not known yet."""
    return "GT2:" + qr.pack(s.presentation()).removeprefix("GT1:")


@book.invalid(1, TEXT, "unsupported_format")
def qr_of_an_unknown_mode(s: Stage) -> str:
    """A mode that this format does not have."""
    return sealed(fields_of(s.presentation()), mode=b"\x02")


@book.invalid(1, TEXT, "malformed")
def qr_without_content(s: Stage) -> str:
    """The prefix alone."""
    return "GT1:"


@book.invalid(1, BASE45, "malformed")
def qr_in_lower_case(s: Stage) -> str:
    """Lower case, which is not in the alphabet: one presentation would have two spellings."""
    text = qr.pack(s.presentation())
    return "GT1:" + text.removeprefix("GT1:").lower()


@book.invalid(1, BASE45, "malformed")
def qr_group_beyond_its_range(s: Stage) -> str:
    """A group of base45 whose value does not fit into two bytes."""
    return qr.pack(s.presentation()) + ":::"


@book.invalid(1, BASE45, "malformed")
def qr_character_left_over(s: Stage) -> str:
    """One character that belongs to no group."""
    text = qr.pack(s.presentation())
    return text + "0" * ((1 - (len(text) - 4)) % 3)


@book.invalid(1, TEXT, "malformed")
def qr_with_one_damaged_character(s: Stage) -> str:
    """One character of the issuer's reference was read wrongly: damage, not an issuer that the bundle does not know."""
    text = qr.pack(s.presentation())
    return text[:12] + ("0" if text[12] != "0" else "1") + text[13:]


@book.invalid(1, TEXT, "malformed")
def qr_cut_off(s: Stage) -> str:
    """The last three characters are missing."""
    return qr.pack(s.presentation())[:-3]


@book.invalid(1, BASE45, "malformed")
def qr_with_a_foreign_character(s: Stage) -> str:
    """A lower-case letter that careless code counts as 255: by overflow into the next digit the bytes stay the same."""
    text = qr.pack(s.presentation())
    for start in range(4, len(text) - 3, 3):
        low, middle = (ALPHABET.index(character.encode()) for character in text[start : start + 2])
        if low == 255 % 45 and middle >= 255 // 45:
            return f"{text[:start]}a{chr(ALPHABET[middle - 255 // 45])}{text[start + 2 :]}"
    raise ValueError("no group of this text can be spelled so")


@book.invalid(1, TEXT, "malformed")
def qr_ends_after_its_references(s: Stage) -> str:
    """Nothing follows the references, and the check sum was made to fit."""
    return seal(opened(qr.pack(s.presentation()))[:16])


@book.invalid(1, LIMITS, "malformed")
def qr_longer_than_any_symbol(s: Stage) -> str:
    """A genuine presentation of a hundred hidden claims: more characters than the largest QR holds."""
    hidden = {f"note_{number}": "x" for number in range(100)}
    presentation = s.presentation(s.credential(claims={**CLAIMS, **hidden}))
    text = seal(b"\x01" + pack_profile(UnverifiedSdJwt.parse(presentation)))
    if len(text) <= 4296:
        raise ValueError("more is needed")
    return text


@book.invalid(1, LIMITS, "malformed")
def qr_inflate_bomb(s: Stage) -> str:
    """The text inflates to 2 MiB of zeros, from as many bytes as a QR holds."""
    return sealed(fields_of(s.presentation()), text=bomb(2 * 2**20), tail=b"")


@book.invalid(1, LIMITS, "malformed")
def qr_of_mode_0_inflate_bomb(s: Stage) -> str:
    """A lifted presentation that inflates to 2 MiB of zeros."""
    return seal(b"\x00" + integer(0) + bytes(64) + bomb(2 * 2**20))


@book.invalid(1, LIMITS, "malformed")
def qr_nested_900_deep(s: Stage) -> str:
    """900 arrays one in the other, which exhaust the stack of a careless parser."""
    return sealed(fields_of(s.presentation()), text=text_of(b"[" * 900 + b"]" * 900))


@book.invalid(1, LIMITS, "malformed")
def qr_skeletons_nested_one_in_another(s: Stage) -> str:
    """40 disclosures, each shallow by itself and each inside the one before."""
    fields = fields_of(s.presentation())
    items = [[0, 1], *(["a", {"_sd": [0, 1]}] for _ in range(40)), ["a", 1], "nonce"]
    return sealed(fields, text=text_of(items), tail=bytes(16 * 41))


@book.invalid(1, "RFC 8725 §2.4", "malformed")
def qr_claim_with_duplicate_member(s: Stage) -> str:
    """The value of a claim names one member twice."""
    text = b'[[0,1],["address",{"ward":"1","ward":"2"}],"nonce"]'
    return sealed(fields_of(s.presentation()), text=text_of(text), tail=bytes(16))


@book.invalid(1, FIELDS, "malformed")
def qr_text_is_no_deflate_stream(s: Stage) -> str:
    """Bytes that cannot be inflated in the place of the text."""
    return sealed(fields_of(s.presentation()), text=b"\xff" * 40)


@book.invalid(1, FIELDS, "malformed")
def qr_integer_not_in_its_shortest_form(s: Stage) -> str:
    """The status index 5 written in two bytes: one presentation would have two spellings."""
    return sealed(fields_of(s.presentation()), idx=b"\x85\x00")


@book.invalid(1, FIELDS, "malformed")
def qr_integer_too_long(s: Stage) -> str:
    """A status index of 50 bits in eight bytes, one more than is read."""
    return sealed(fields_of(s.presentation()), idx=b"\x85" + b"\x80" * 6 + b"\x01")


@book.invalid(1, PROFILE, "malformed")
def qr_with_unknown_flag(s: Stage) -> str:
    """A flag that the format does not have."""
    return sealed(fields_of(s.presentation()), flags=b"\x13")


@book.invalid(1, PROFILE, "malformed")
def qr_with_flags_but_no_key_binding(s: Stage) -> str:
    """Flags that describe a key binding, without the one that says that it is there."""
    return sealed(fields_of(s.presentation()), flags=b"\x02")


@book.invalid(1, PROFILE, "malformed")
def qr_holder_key_off_the_curve(s: Stage) -> str:
    """A holder key that is no point of P-256."""
    return sealed(fields_of(s.presentation()), holder_key=b"\x02" + b"\xff" * 32)


@book.invalid(1, PROFILE, "malformed")
def qr_with_something_after_its_end(s: Stage) -> str:
    """One more digest than anything refers to."""
    fields = fields_of(s.presentation())
    return sealed(fields, tail=fields["tail"] + bytes(32))


@book.invalid(1, SKELETONS, "malformed")
def qr_disclosure_missing(s: Stage) -> str:
    """The counts promise one disclosure more than there is."""
    fields = fields_of(s.presentation())
    (hidden, shown), *items = items_of(fields)
    return sealed(fields, text=text_of([[hidden - 1, shown + 1], *items]))


@book.invalid(1, SKELETONS, "malformed")
def qr_disclosure_that_nothing_counts(s: Stage) -> str:
    """A disclosure and its salt that nothing refers to: one presentation would have many spellings."""
    fields = fields_of(s.presentation())
    counts, *items, nonce = items_of(fields)
    salts = 16 * len(items)
    tail = fields["tail"]
    text = text_of([counts, *items, ["note", "x"], nonce])
    return sealed(fields, text=text, tail=tail[:salts] + bytes(16) + tail[salts:])


@book.invalid(1, PROFILE, "malformed")
def qr_nonce_is_a_number(s: Stage) -> str:
    """A number in the place of the nonce."""
    fields = fields_of(s.presentation())
    return sealed(fields, text=text_of([*items_of(fields)[:-1], 7]))


@book.invalid(1, PROFILE, "malformed")
def qr_text_is_an_object(s: Stage) -> str:
    """An object in the place of the array of counts, disclosures and nonce."""
    return sealed(fields_of(s.presentation()), text=text_of(b'{"nonce":"x"}'))


@book.invalid(1, "docs/qr.md §5", "malformed")
def qr_of_mode_0_followed_by_something(s: Stage) -> str:
    """A byte after the end of a lifted presentation: one presentation would have many spellings."""
    return seal(opened(qr.pack(s.plain())) + b"\x00")


@book.invalid(1, SKELETONS, "malformed")
def qr_counts_are_no_numbers(s: Stage) -> str:
    """Text in the place of the two counts."""
    fields = fields_of(s.presentation())
    _, *items = items_of(fields)
    return sealed(fields, text=text_of([["2", "4"], *items]))


@book.invalid(1, "docs/qr.md §5", "malformed")
def qr_of_mode_0_longer_than_announced(s: Stage) -> str:
    """A lifted presentation with text after its last part."""
    body = opened(qr.pack(s.plain()))
    reader = FieldReader(body, 1)
    counts = reader.unsigned()
    fewer = FieldWriter(bytearray(b"\x00"))
    fewer.unsigned(counts & ~1)  # as if the key-binding JWT, which is in the text, were not there
    return seal(bytes(fewer.data) + body[reader.position + 64 :])


@book.unknown(1, REFERENCES, "bundle_outdated")
def qr_of_an_issuer_that_the_bundle_does_not_know(s: Stage) -> Shown:
    """The issuer's reference leads nowhere: an older bundle may not know a new agency, so nothing is decided."""
    other = s.agency_named("Other agency", "https://h26.agency.example")
    entry = s.entry(other, agency_id="H26", iss="https://h26.agency.example")
    bundle = s.bundle_token(trust_list=s.trust_list_token(s.trust_list(entry)))
    return Shown(text=qr.pack(s.presentation()), bundle=bundle)


@book.unknown(1, REFERENCES, "bundle_outdated")
def qr_of_a_type_that_the_bundle_does_not_know(s: Stage) -> str:
    """The type's reference leads nowhere."""
    return sealed(fields_of(s.presentation()), vct=vct_reference("urn:example:type:new:1"))


@book.unknown(1, REFERENCES, "bundle_outdated")
def qr_of_a_status_list_that_the_bundle_does_not_know(s: Stage) -> str:
    """The status list's reference leads nowhere."""
    return sealed(fields_of(s.presentation()), status=status_uri_reference(STATUS_URI + "0"))


@book.unknown(1, REFERENCES, "bundle_outdated", "bundle_expired")
def qr_of_an_unknown_issuer_and_an_expired_bundle(s: Stage) -> Shown:
    """The reference leads nowhere, and the bundle is out of date: both are told, neither accuses the holder."""
    presentation = fields_of(s.presentation())
    return Shown(text=sealed(presentation, issuer=bytes(6)), bundle=s.bundle_token(expires_at=NOW))


@book.invalid(5, REFERENCES, "signature_invalid")
def qr_reference_exchanged_for_another_agency(s: Stage) -> Shown:
    """The issuer's reference was exchanged for that of an agency which may issue this type too."""
    iss = "https://h26.agency.example"
    other = s.agency_named("Other agency", iss)
    trust_list = s.trust_list(s.entry(), s.entry(other, agency_id="H26", iss=iss))
    bundle = s.bundle_token(trust_list=s.trust_list_token(trust_list))
    text = sealed(fields_of(s.presentation()), issuer=issuer_reference(other.x5c, iss))
    return Shown(text=text, bundle=bundle)


@book.invalid(5, PROFILE, "signature_invalid")
def qr_with_altered_claim(s: Stage) -> str:
    """The name was changed and the check sum made to fit: its digest is recomputed, and then nothing fits any more."""
    fields = fields_of(s.presentation())
    items = items_of(fields)
    items[1] = ["full_name", "Nguyễn Văn Khác"]
    return sealed(fields, text=text_of(items))


@book.invalid(5, PROFILE, "signature_invalid")
def qr_with_later_end(s: Stage) -> str:
    """The credential's end was moved by ten years."""
    return sealed(fields_of(s.presentation()), exp=integer(3650 * 86400))


@book.invalid(5, PROFILE, "signature_invalid")
def qr_with_other_status_index(s: Stage) -> str:
    """The status index was exchanged for that of a document which is not revoked."""
    return sealed(fields_of(s.presentation()), idx=integer(6))


@book.invalid(5, "RFC 9901 §7.3", "signature_invalid")
def qr_with_the_holder_key_of_a_thief(s: Stage) -> str:
    """The holder key was exchanged for the thief's, who signed a genuine key binding with it."""
    fields = fields_of(s.presentation())
    thief = signer("Thief")
    rebuilt = qr.unpack(sealed(fields, holder_key=thief.public_key.compressed), s.bundle().references)
    proof = {
        "iat": int(NOW.timestamp()) - 10,
        "nonce": "nonce-of-the-phone",
        "aud": "giayto:in-person",
        "sd_hash": sd_hash(unbound(rebuilt)),
    }
    signature = b64url.decode(compact({"alg": "ES256", "typ": "kb+jwt"}, proof, thief).rpartition(".")[2])
    return sealed(fields, holder_key=thief.public_key.compressed, kb_signature=signature)


@book.invalid(8, "RFC 9901 §7.3", "key_binding_missing")
def qr_without_key_binding(s: Stage) -> str:
    """A QR whose key binding was left out by whoever packed it anew."""
    return qr.pack(unbound(s.presentation()))


@book.invalid(8, "RFC 9901 §4.3.1", "key_binding_invalid")
def qr_with_a_claim_less_than_was_signed(s: Stage) -> str:
    """A claim was taken out of a photographed QR; the digest that hides it was put in its place."""
    credential = s.credential()
    whole = fields_of(s.presentation(credential))
    reduced = fields_of(s.presentation(credential, shown=[path for path in SHOWN if path != ("record_number",)]))
    return sealed(reduced, kb_signature=whole["kb_signature"])
