"""Step 6: disclosures and digests that do not fit each other (RFC 9901 §7.1)."""

from collections.abc import Iterable
from typing import Any

from giayto_crypto import b64url, strict_json
from giayto_crypto.sdjwt import Disclosure, Sd, StatusReference
from trust_scheme.scheme import CLAIMS, SHOWN, STATUS_URI
from verification_cases.casebook import Shown, book
from verification_cases.stage import ABSENT, Stage, parts

DIGESTS = "RFC 9901 §7.1 step 3"
TWICE = "RFC 9901 §7.1 step 4"
UNREFERENCED = "RFC 9901 §7.1 step 5"
NEVER = "SD-JWT VC §2.2.2.2"
VISITS = {
    **CLAIMS,
    "visits": [Sd({"date": "2026-01-05", "place": Sd("Huế")}), Sd({"date": "2026-06-09", "place": Sd("Vinh")})],
}


def made_of(s: Stage, disclosures: Iterable[Disclosure], **payload: Any) -> str:
    """Show a credential of these members and all of these disclosures."""
    return s.bound(s.signed(s.payload(**payload), *(disclosure.encoded for disclosure in disclosures)))


@book.valid(6, "RFC 9901 §6")
def valid_nested_disclosures(s: Stage) -> str:
    """Nothing: one visit of two with its date, its place still hidden, all four levels used."""
    credential = s.credential(claims=VISITS)
    return s.presentation(credential, shown=[*SHOWN, ("visits", 1)])


@book.valid(6, "RFC 9901 §4.2.5")
def valid_with_decoy_digests(s: Stage) -> str:
    """Nothing: two digests that belong to no disclosure, as an issuer may add them."""
    disclosure = s.disclosure("full_name", "Nguyễn Thị Ánh Tuyết")
    decoys = [s.disclosure(None, "decoy").digest for _ in range(2)]
    return made_of(s, [disclosure], _sd=[decoys[0], disclosure.digest, decoys[1]], _sd_alg="sha-256")


@book.valid(6, "RFC 9901 §4")
def valid_with_disclosures_in_another_order(s: Stage) -> str:
    """Nothing: the holder chose another order and signed that."""
    token, *disclosures, _ = parts(s.presentation())
    return s.bound("~".join((token, *disclosures[::-1], "")))


@book.valid(6, "RFC 9901 §4.1.1")
def valid_without_sd_alg(s: Stage) -> str:
    """Nothing: without _sd_alg the hash is sha-256."""
    disclosure = s.disclosure("full_name", "Nguyễn Thị Ánh Tuyết")
    return made_of(s, [disclosure], _sd=[disclosure.digest])


@book.valid(6, "RFC 9901 §7.1 step 3")
def valid_with_null_and_empty_values(s: Stage) -> str:
    """Nothing: claims of null, of an empty text and of an empty object."""
    made = [s.disclosure(name, value) for name, value in (("a", None), ("b", ""), ("c", {}))]
    return made_of(s, made, _sd=[disclosure.digest for disclosure in made])


@book.invalid(6, TWICE, "disclosure_invalid")
def digest_twice_in_one_array(s: Stage) -> str:
    """The same digest twice in one _sd."""
    disclosure = s.disclosure("full_name", "x")
    return made_of(s, [disclosure], _sd=[disclosure.digest] * 2)


@book.invalid(6, TWICE, "disclosure_invalid")
def digest_twice_across_levels(s: Stage) -> str:
    """The same digest at the top and in an object: one disclosure would stand for two claims."""
    disclosure = s.disclosure("full_name", "x")
    return made_of(s, [disclosure], _sd=[disclosure.digest], guardian={"_sd": [disclosure.digest]})


@book.invalid(6, TWICE, "disclosure_invalid")
def digest_twice_inside_a_disclosure(s: Stage) -> str:
    """A digest of the payload stands in a disclosure again."""
    inner = s.disclosure("full_name", "x")
    outer = s.disclosure("guardian", {"_sd": [inner.digest]})
    return made_of(s, [inner, outer], _sd=[inner.digest, outer.digest])


@book.invalid(6, TWICE, "disclosure_invalid")
def digest_twice_in_object_and_array(s: Stage) -> str:
    """The same digest in _sd and as an array's element."""
    disclosure = s.disclosure(None, "x")
    return made_of(s, [disclosure], list=[{"...": disclosure.digest}], _sd=[disclosure.digest])


@book.invalid(6, TWICE, "disclosure_invalid")
def digest_twice_without_disclosure(s: Stage) -> str:
    """The same digest twice, of a claim that stays hidden."""
    hidden = s.disclosure("full_name", "x").digest
    return made_of(s, [], _sd=[hidden], guardian={"_sd": [hidden]})


@book.invalid(6, UNREFERENCED, "disclosure_invalid")
def disclosure_shown_twice(s: Stage) -> str:
    """The same disclosure twice."""
    token, first, *others, _ = parts(s.presentation())
    return s.bound("~".join((token, first, first, *others, "")))


@book.invalid(6, UNREFERENCED, "disclosure_invalid")
def disclosure_unreferenced(s: Stage) -> str:
    """A disclosure that no digest refers to: the holder made it."""
    invented = s.disclosure("record_number", "KHÔNG CÓ ÁN TÍCH")
    token, *disclosures, _ = parts(s.presentation())
    return s.bound("~".join((token, *disclosures, invented.encoded, "")))


@book.invalid(6, UNREFERENCED, "disclosure_invalid")
def disclosure_of_another_document(s: Stage) -> str:
    """A disclosure that the agency signed, for somebody else's document."""
    foreign = parts(s.presentation(s.credential(status=StatusReference(STATUS_URI, 9))))[1]
    token, _, *others, _ = parts(s.presentation())
    return s.bound("~".join((token, foreign, *others, "")))


@book.invalid(6, UNREFERENCED, "disclosure_invalid")
def disclosure_below_a_hidden_one(s: Stage) -> str:
    """A place of a visit without the visit that it belongs to."""
    token, *disclosures, _ = parts(s.presentation(s.credential(claims=VISITS), shown=[*SHOWN, ("visits", 1, "place")]))
    without_visit = [each for each in disclosures if Disclosure.parse(each).name is not None]
    return s.bound("~".join((token, *without_visit, "")))


@book.invalid(6, UNREFERENCED, "disclosure_invalid")
def disclosures_that_refer_to_each_other_only(s: Stage) -> str:
    """A disclosure with another inside, neither of which the payload knows."""
    inner = s.disclosure("full_name", "x")
    return made_of(s, [inner, s.disclosure("guardian", {"_sd": [inner.digest]})])


@book.invalid(6, DIGESTS, "disclosure_invalid")
def disclosure_shadows_a_claim_in_clear(s: Stage) -> str:
    """A disclosure of a claim that stands in clear beside its digest."""
    disclosure = s.disclosure("valid_until", "2099-12-31")
    return made_of(s, [disclosure], _sd=[disclosure.digest])


@book.invalid(6, DIGESTS, "disclosure_invalid")
def disclosures_of_one_name(s: Stage) -> str:
    """Two disclosures of the same claim: the holder would choose which one counts."""
    made = [s.disclosure("full_name", name) for name in ("Nguyễn Thị Ánh", "Nguyễn Thị Bích")]
    return made_of(s, made, _sd=[disclosure.digest for disclosure in made])


@book.invalid(6, DIGESTS, "disclosure_invalid")
def array_element_in_the_place_of_a_claim(s: Stage) -> str:
    """A disclosure of two elements, referred to from _sd."""
    disclosure = s.disclosure(None, "x")
    return made_of(s, [disclosure], _sd=[disclosure.digest])


@book.invalid(6, DIGESTS, "disclosure_invalid")
def claim_in_the_place_of_an_array_element(s: Stage) -> str:
    """A disclosure of three elements, referred to from an array."""
    disclosure = s.disclosure("place", "x")
    return made_of(s, [disclosure], places=[{"...": disclosure.digest}])


@book.invalid(6, DIGESTS, "disclosure_invalid")
def three_dots_beside_another_member(s: Stage) -> str:
    """An array element with `...` and something else beside it."""
    disclosure = s.disclosure(None, "x")
    return made_of(s, [disclosure], places=[{"...": disclosure.digest, "note": 1}])


@book.invalid(6, DIGESTS, "disclosure_invalid")
def three_dots_in_an_object(s: Stage) -> str:
    """`...` where no array is, with the digest of something hidden."""
    return s.plain(place={"...": s.disclosure(None, "x").digest})


@book.invalid(6, DIGESTS, "disclosure_invalid")
def claims_nested_36_deep_over_disclosures(s: Stage) -> str:
    """36 disclosures, each inside the one before and each shallow by itself."""
    chain = [s.disclosure("a", "x")]
    for _ in range(35):
        chain.append(s.disclosure("a", {"_sd": [chain[-1].digest]}))
    return made_of(s, chain, _sd=[chain[-1].digest])


SHAPES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sd-is-text": ("_sd is one digest, not an array.", DIGESTS, {"_sd": "x"}),
    "sd-holds-a-number": ("A number in the place of a digest.", DIGESTS, {"_sd": [7]}),
    "three-dots-hold-a-number": ("A number in the place of an element's digest.", DIGESTS, {"list": [{"...": 7}]}),
    "sd-alg-sha-512": ("Another hash than sha-256.", "RFC 9901 §4.1.1", {"_sd_alg": "sha-512"}),
    "sd-alg-md5": ("A broken hash.", "RFC 9901 §9.4", {"_sd_alg": "md5"}),
    "sd-alg-in-upper-case": ("SHA-256 in upper case.", "RFC 9901 §4.1.1", {"_sd_alg": "SHA-256"}),
    "sd-alg-null": ("_sd_alg is null.", "RFC 9901 §4.1.1", {"_sd_alg": None}),
    "sd-alg-in-an-object": ("_sd_alg below the top.", "RFC 9901 §4.1.1", {"place": {"_sd_alg": "sha-256"}}),
}
for case_id, (flaw, clause, changes) in SHAPES.items():

    def of_shape(s: Stage, changes: dict[str, Any] = changes) -> str:
        return s.plain(**changes)

    book.add(case_id, flaw, 6, clause, "invalid", "disclosure_invalid", make=of_shape)


for name in ("exp", "nbf", "cnf", "status"):

    def with_hidden_member(s: Stage, name: str = name) -> str:
        disclosure = s.disclosure(name, s.payload()[name])
        return made_of(s, [disclosure], **{name: ABSENT, "_sd": [disclosure.digest]})

    flaw = f"{name} is a disclosure, which the holder could leave out."
    book.add(f"{name}-disclosed", flaw, 6, NEVER, "invalid", "disclosure_invalid", make=with_hidden_member)


for name in ("iss", "vct"):

    def with_hidden_name(s: Stage, name: str = name) -> str:
        disclosure = s.disclosure(name, s.payload()[name])
        return made_of(s, [disclosure], **{name: ABSENT, "_sd": [disclosure.digest]})

    flaw = f"{name} is a disclosure: it is not there when the issuer's authority is asked for."
    book.add(f"{name}-disclosed", flaw, 2, NEVER, "invalid", "malformed", make=with_hidden_name)


@book.invalid(6, NEVER, "disclosure_invalid")
def holder_key_disclosed(s: Stage) -> str:
    """The key inside cnf is a disclosure: what is always in clear is so with all its members."""
    disclosure = s.disclosure("jwk", s.holder.public_key.jwk)
    return made_of(s, [disclosure], cnf={"_sd": [disclosure.digest]})


@book.invalid(6, NEVER, "disclosure_invalid")
def status_index_disclosed(s: Stage) -> str:
    """The index inside the status is a disclosure."""
    disclosure = s.disclosure("idx", 6)
    return made_of(s, [disclosure], status={"status_list": {"uri": STATUS_URI, "_sd": [disclosure.digest]}})


@book.invalid(6, NEVER, "disclosure_invalid")
def vct_integrity_disclosed(s: Stage) -> Shown:
    """The hash of the type's metadata is a disclosure."""
    disclosure = s.disclosure("vct#integrity", "sha256-" + b64url.encode(strict_json.canonical({})))
    return Shown(text=made_of(s, [disclosure], _sd=[disclosure.digest]))
