"""docs/conformance.md, from the outcomes of a run. The same outcomes give the same bytes."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from conformance.openid_sections import openid_sections
from conformance.outcomes import Outcomes
from conformance.vector_sets import NOT_RUN, VECTOR_SETS, VectorSet

HEAD = """\
# Conformance

Written by `make conformance` from a run of the public test vectors; a test compares it with a new run. An exception is
a case that giayto answers otherwise than the vector says, on purpose. The vectors themselves are not part of the
project; [CONTRIBUTING.md](../CONTRIBUTING.md) says where they are looked for.

| Vectors | Cases | Passed | Exceptions |
|---|--:|--:|--:|
"""

NOT_IMPLEMENTED = """\
## What is not implemented

RFC 9901 (SD-JWT)
- The JWS JSON serialisation (§8). Compact only.
- Other algorithms than ES256, other hashes than sha-256: refused, never ignored.
- Decoy digests are read and never made.

SD-JWT VC (draft 26)
- `extends` of type metadata, and metadata fetched from a URL: a type stands whole in the signed verifier bundle. So
  `vct#integrity` and `extends#integrity` are not compared with anything.
- Issuer keys from JWT VC Issuer Metadata, from `kid` or from DIDs: only `x5c` up to a pinned root, with the trust list.
- `aka_vcts`: ignored; authority is given for a `vct`.
- `rendering` and `svg_id` of type metadata: carried, not drawn.

Token Status List (draft 21)
- Status list tokens as CWT, and status claims of CWTs and mdocs.
- Historical resolution (the `time` parameter).
- Fetching a list by itself while verifying: a verifier takes its lists from its bundle.

OpenID4VCI and OpenID4VP 1.0
- Attestations of wallets and keys; the Digital Credentials API; other formats than SD-JWT VC.
- Requests that are not signed, and verifiers known otherwise than by a certificate.

JOSE
- JWE other than ECDH-ES on P-256 with AES-GCM, symmetric algorithms, RSA, other curves than P-256, JWK sets, `kid`
  look-up, `crit`, unencoded payloads.
"""


def render(outcomes: Outcomes) -> str:
    """Return the page."""
    return (
        "\n".join(
            (
                HEAD + "\n".join(_row(one, outcomes) for one in VECTOR_SETS),
                "\n## Where they come from\n",
                *_sources(),
                "## Exceptions\n",
                *_exceptions(outcomes),
                "## Vectors that are not run\n",
                *(f"- `{place}`: {reason}." for place, reason in sorted(NOT_RUN.items())),
                "",
                *openid_sections(),
                NOT_IMPLEMENTED,
            )
        ).rstrip("\n")
        + "\n"
    )


def _row(one: VectorSet, outcomes: Outcomes) -> str:
    cases, passed, exceptions = outcomes.counts(one.key)
    return f"| {one.title} | {cases} | {passed} | {exceptions or '–'} |"


def _sources() -> Iterator[str]:
    for one in VECTOR_SETS:
        yield f"**{one.title}** (`{one.place}`). Source: {one.source}. Licence: {one.licence}."
        if one.note:
            yield one.note
        yield ""


def _exceptions(outcomes: Outcomes) -> Iterator[str]:
    for one in VECTOR_SETS:
        by_reason = outcomes.exceptions(one.key)
        if by_reason:
            yield f"{one.title}"
            yield from (f"- {_named(cases)}: {reason}." for reason, cases in by_reason.items())
            yield ""


def _named(cases: Sequence[str]) -> str:
    if all(case.isdigit() for case in cases):
        return "tcId " + ", ".join(_ranges([int(case) for case in cases]))
    return ", ".join(f"`{case}`" for case in cases)


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield str(members[0]) if len(members) == 1 else f"{members[0]}–{members[-1]}"
