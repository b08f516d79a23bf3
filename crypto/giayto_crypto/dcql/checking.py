"""The verifier's side: the whole query is checked again on the answer (OpenID4VP 1.0 §8.6 and §14.7).

The wallet is not believed to have filtered anything. That the presentations are genuine is found out elsewhere; here
it is told whether they answer what was asked, and show no more than that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from giayto_crypto.dcql.claim_tree import ClaimTree
from giayto_crypto.dcql.matching import claims_of_option, match_credential
from giayto_crypto.dcql.query import ClaimPath, CredentialQuery, DcqlQuery
from giayto_crypto.sdjwt import UnverifiedSdJwt


@dataclass(frozen=True, slots=True)
class ShownPresentation:
    """One presentation of an answer, and the credential query that it is said to answer."""

    credential_id: str
    sd_jwt: UnverifiedSdJwt = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unsatisfied:
    """The answer, or one presentation of it, is not what was asked for.

    Attributes:
        position: of the presentation among those that were checked; None when it concerns the answer as a whole.
        detail: what is missing, without any value.
    """

    position: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Excess:
    """More was shown than was asked for: claims, or a whole credential."""

    position: int
    detail: str


Objection: TypeAlias = Unsatisfied | Excess


def check_presentations(query: DcqlQuery, shown: Sequence[ShownPresentation]) -> tuple[Objection, ...]:
    """Return what is wrong with an answer; nothing when it is exactly what was asked for.

    Args:
        query: as it was sent.
        shown: all presentations of the answer, their disclosures known to fit their digests.
    """
    return (*_check_counts(query, shown), *_check_sets(query, shown), *_check_each(query, shown))


def _check_counts(query: DcqlQuery, shown: Sequence[ShownPresentation]) -> Iterator[Objection]:
    met: set[str] = set()
    for position, presentation in enumerate(shown):
        asked = query.find(presentation.credential_id)
        if asked is None:
            yield Excess(position, "vp_token: answers a credential query that was not made")
        elif asked.id in met and not asked.multiple:
            yield Excess(position, f"{asked.id}: one presentation was asked for")
        met.add(presentation.credential_id)


def _check_sets(query: DcqlQuery, shown: Sequence[ShownPresentation]) -> Iterator[Objection]:
    answered = {presentation.credential_id for presentation in shown}
    if query.credential_sets is None:
        for asked in query.credentials:
            if asked.id not in answered:
                yield Unsatisfied(None, f"{asked.id}: no presentation of it")
        return
    wanted: set[str] = set()
    for number, need in enumerate(query.credential_sets):
        options = [option for option in need.options if answered.issuperset(option)]
        if need.required and not options:
            yield Unsatisfied(None, f"credential_sets[{number}]: none of its options is there")
        wanted.update(name for option in options for name in option)
    for position, presentation in enumerate(shown):
        if query.find(presentation.credential_id) is not None and presentation.credential_id not in wanted:
            yield Excess(position, f"{presentation.credential_id}: no option of credential_sets needs it")


def _check_each(query: DcqlQuery, shown: Sequence[ShownPresentation]) -> Iterator[Objection]:
    by_credential = _queries_by_credential(query, shown)
    for position, presentation in enumerate(shown):
        asked = query.find(presentation.credential_id)
        if asked is None:
            continue
        if match_credential(asked, presentation.sd_jwt) is None:
            yield Unsatisfied(position, f"{asked.id}: type, authority, claims or values are not what was asked for")
            continue
        others = [each for each in by_credential[presentation.sd_jwt.jws.token] if each.id != asked.id]
        if _shows_too_much(asked, others, ClaimTree(presentation.sd_jwt)):
            yield Excess(position, f"{asked.id}: claims are disclosed that were not asked for")


def _queries_by_credential(
    query: DcqlQuery, shown: Sequence[ShownPresentation]
) -> Mapping[str, tuple[CredentialQuery, ...]]:
    """One credential may answer several queries, and then show what all of them ask for (§6.4)."""
    found: dict[str, tuple[CredentialQuery, ...]] = {}
    for presentation in shown:
        asked = query.find(presentation.credential_id)
        if asked is not None:
            token = presentation.sd_jwt.jws.token
            found[token] = (*found.get(token, ()), asked)
    return found


def _shows_too_much(asked: CredentialQuery, others: Sequence[CredentialQuery], tree: ClaimTree) -> bool:
    allowed_elsewhere = [path for other in others for claim in other.claims or () for path in tree.select(claim.path)]
    places = list(tree.disclosed_places())
    satisfied = (claims_of_option(option, tree) for option in asked.options)
    return not any(paths is not None and _all_on_the_way(places, [*paths, *allowed_elsewhere]) for paths in satisfied)


def _all_on_the_way(places: Sequence[ClaimPath], paths: Sequence[ClaimPath]) -> bool:
    """Whether each disclosed place lies above or below something that was asked for."""
    return all(any(_on_the_way(place, path) for path in paths) for place in places)


def _on_the_way(place: ClaimPath, path: ClaimPath) -> bool:
    return all(one == other for one, other in zip(place, path, strict=False))
