"""DCQL on random claims: the wallet's minimal answer passes the verifier's check, and nothing larger does."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from giayto_crypto.dcql import (
    DcqlError,
    ShownPresentation,
    check_presentations,
    match_credential,
    parse_query,
)
from giayto_crypto.sdjwt import select
from sample_credentials import VCT, issue
from sample_credentials.claim_trees import CLAIM_TREES, places

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["id", "a", "dc+sd-jwt", "path", VCT]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["credentials", "credential_sets", "id", "format", "meta", "vct_values", "claims", "path", "options"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


def _query(paths: list[tuple[Any, ...]]) -> dict[str, Any]:
    asked: dict[str, Any] = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}
    if paths:
        asked["claims"] = [{"path": list(path)} for path in paths]
    return {"credentials": [asked]}


@given(_JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        read = parse_query(value)
    except DcqlError:
        return
    assert parse_query(read.to_json()) == read


@given(CLAIM_TREES, st.data())
def test_the_minimal_answer_is_exactly_what_was_asked_for(claims: dict[str, Any], data: st.DataObject) -> None:
    everywhere = [place for place in places(claims) if len(place) <= 12]
    chosen = data.draw(st.lists(st.sampled_from(everywhere), max_size=3, unique=True) if everywhere else st.just([]))
    query = parse_query(_query(chosen))
    credential = issue(claims)
    match = match_credential(query.credentials[0], credential)
    assert match is not None
    presented = select(credential, match.paths)
    assert check_presentations(query, [ShownPresentation("q", presented)]) == ()
    whole = ShownPresentation("q", credential)
    says_more = len(credential.disclosures) > len(presented.disclosures)
    assert bool(check_presentations(query, [whole])) is says_more
