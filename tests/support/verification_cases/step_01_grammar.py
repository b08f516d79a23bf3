"""Step 1, standard strings: what is no presentation at all."""

import json

from giayto_crypto import b64url
from giayto_crypto.sdjwt.disclosure import digest_of
from trust_scheme.scheme import CLAIMS, SHOWN
from verification_cases.casebook import book
from verification_cases.stage import Stage, parts, unbound

GRAMMAR = "RFC 9901 §4"
DISCLOSURE = "RFC 9901 §4.2"
BASE64URL = "RFC 7515 §2"


def signed_over(s: Stage, text: str) -> str:
    """Show a credential whose agency signed the digest of this very text, so that nothing else is wrong with it."""
    return s.bound(s.signed(s.payload(_sd=[digest_of(text)]), text))


def encoded(value: object) -> str:
    """Return base64url of JSON."""
    return b64url.encode(json.dumps(value, ensure_ascii=False).encode())


def padded(text: str) -> str:
    """Return the text with the padding that it lacks, of which there must be some."""
    if len(text) % 4 == 0:
        raise ValueError("this text needs no padding")
    return text + "=" * (-len(text) % 4)


HYPHEN_AND_UNDERSCORE = encoded(["c2FsdA", "note", "~~~???>>>"])
if not {"-", "_"} <= set(HYPHEN_AND_UNDERSCORE):
    raise ValueError("a text with both characters is needed")


@book.valid(11, "RFC 9901 §7.3")
def valid_standard_string(s: Stage) -> str:
    """Nothing: a presentation of four claims with key binding. Every other case differs from this one."""
    return s.presentation()


@book.valid(6, "RFC 9901 §4.2.3")
def valid_claims_in_clear(s: Stage) -> str:
    """Nothing: a credential made by hand, with its claims in clear. Cases of single members differ from this one."""
    return s.plain()


@book.invalid(1, GRAMMAR, "malformed")
def empty_text(s: Stage) -> str:
    """Nothing was shown."""
    return ""


@book.invalid(1, GRAMMAR, "malformed")
def no_tilde(s: Stage) -> str:
    """A plain JWT, without the separator that every SD-JWT has."""
    return parts(s.presentation())[0]


@book.invalid(1, "docs/credential-profile.md, Limits", "malformed")
def longer_than_64_kib(s: Stage) -> str:
    """A genuine presentation of more than 64 KiB: twelve claims of 4 KiB each."""
    claims = {**CLAIMS, **{f"note_{number}": "x" * 4096 for number in range(12)}}
    text = s.presentation(s.credential(claims=claims), shown=[(name,) for name in claims])
    if len(text) <= 64 * 1024:
        raise ValueError("more is needed")
    return text


@book.invalid(1, GRAMMAR, "malformed")
def character_beyond_ascii(s: Stage) -> str:
    """A letter of another alphabet that looks like the one it stands for (U+0435)."""
    return "\u0435" + s.presentation()[1:]


@book.invalid(1, GRAMMAR, "malformed")
def white_space_before(s: Stage) -> str:
    """A space before the JWT, which some parsers skip: one presentation would have two spellings."""
    return " " + s.presentation()


@book.invalid(1, GRAMMAR, "malformed")
def empty_disclosure(s: Stage) -> str:
    """Two separators in a row."""
    return s.bound(unbound(s.presentation()) + "~")


@book.invalid(1, "RFC 7515 §3.1", "malformed")
def jwt_of_two_parts(s: Stage) -> str:
    """An unsecured JWT whose signature part is missing altogether."""
    token, *rest = parts(s.presentation())
    return "~".join((token.rpartition(".")[0], *rest))


@book.invalid(1, "RFC 7516 §3.1", "malformed")
def jwt_of_five_parts(s: Stage) -> str:
    """An encrypted JWT in the place of a signed one."""
    token, *rest = parts(s.presentation())
    return "~".join((f"{token}.AAAA.AAAA", *rest))


@book.invalid(1, "RFC 9901 §8.1", "malformed")
def json_serialisation(s: Stage) -> str:
    """The JWS JSON serialisation, which this profile does not use."""
    token, *disclosures, key_binding = parts(s.presentation())
    protected, payload, signature = token.split(".")
    header = {"disclosures": disclosures, "kb_jwt": key_binding}
    return json.dumps({"payload": payload, "protected": protected, "signature": signature, "header": header})


@book.valid(1, BASE64URL)
def valid_disclosure_with_hyphen_and_underscore(s: Stage) -> str:
    """Nothing: a disclosure with the two characters that base64url has in the place of + and /."""
    return signed_over(s, HYPHEN_AND_UNDERSCORE)


@book.invalid(1, BASE64URL, "malformed")
def disclosure_in_standard_base64(s: Stage) -> str:
    """A disclosure with + and / of the standard alphabet, which lenient decoders take for - and _."""
    return signed_over(s, HYPHEN_AND_UNDERSCORE.replace("-", "+").replace("_", "/"))


@book.invalid(1, BASE64URL, "malformed")
def disclosure_padded(s: Stage) -> str:
    """A disclosure with the padding that base64url of JOSE leaves out."""
    return signed_over(s, padded(encoded(["c2FsdA", "note", "x"])))


@book.invalid(1, BASE64URL, "malformed")
def disclosure_with_line_break(s: Stage) -> str:
    """A line break inside a disclosure, which lenient decoders skip."""
    text = encoded(["c2FsdA", "note", "x"])
    return signed_over(s, f"{text[:8]}\n{text[8:]}")


@book.invalid(1, DISCLOSURE, "malformed")
def disclosure_not_json(s: Stage) -> str:
    """A disclosure whose JSON is cut off."""
    return signed_over(s, b64url.encode(b'["c2FsdA","note"'))


@book.invalid(1, "RFC 8725 §2.4", "malformed")
def disclosure_with_duplicate_member(s: Stage) -> str:
    """The value of a disclosure names one member twice; parsers differ in which they keep."""
    return signed_over(s, b64url.encode(b'["c2FsdA","address",{"ward":"1","ward":"2"}]'))


WRONG_DISCLOSURES = {
    "disclosure-of-one-element": ("A disclosure with nothing but a salt.", ["c2FsdA"]),
    "disclosure-of-four-elements": ("A disclosure with a fourth element.", ["c2FsdA", "note", "x", "y"]),
    "disclosure-is-an-object": ("A disclosure that is an object.", {"salt": "c2FsdA", "note": "x"}),
    "disclosure-salt-is-a-number": ("A disclosure whose salt is a number.", [7, "note", "x"]),
    "disclosure-name-is-a-number": ("A disclosure whose claim name is a number.", ["c2FsdA", 7, "x"]),
    "disclosure-named-sd": ("A disclosure of a claim named _sd.", ["c2FsdA", "_sd", ["x"]]),
    "disclosure-named-three-dots": ("A disclosure of a claim named `...`.", ["c2FsdA", "...", "x"]),
    "disclosure-named-sd-alg": ("A disclosure of a claim named _sd_alg.", ["c2FsdA", "_sd_alg", "sha-256"]),
}
for case_id, (flaw, content) in WRONG_DISCLOSURES.items():

    def signed_with(s: Stage, content: object = content) -> str:
        return signed_over(s, encoded(content))

    book.add(case_id, flaw, 1, "RFC 9901 §7.1 step 3", "invalid", "disclosure_invalid", make=signed_with)


@book.invalid(1, "RFC 9901 §4.2.3", "disclosure_invalid")
def disclosure_serialised_anew(s: Stage) -> str:
    """A disclosure of the same JSON with other white space: digests are over the text, not its content."""
    token, first, *others, _ = parts(s.presentation(shown=SHOWN))
    content = json.loads(b64url.decode(first))
    return s.bound("~".join((token, b64url.encode(json.dumps(content).encode()), *others, "")))
