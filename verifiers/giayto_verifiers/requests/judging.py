"""Judging an answer: each presentation through the eleven steps, then all of them against the request (§8.6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from giayto_crypto import jws
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.dcql import Excess, ShownPresentation, check_presentations
from giayto_crypto.errors import GiaytoError
from giayto_crypto.sdjwt import UnverifiedSdJwt, reveal
from giayto_crypto.sdjwt.verification import KEY_BINDING_TYP
from giayto_verifiers.policy import Policy
from giayto_verifiers.reasons import Finding, Reason
from giayto_verifiers.replay_guard import InMemoryReplayGuard, ReplayGuard
from giayto_verifiers.requests.answers import AnswerVerdict, CheckedPresentation, conclude
from giayto_verifiers.requests.request import PresentationRequest
from giayto_verifiers.requests.response import VpToken
from giayto_verifiers.requests.transaction_data import HASH_NAME, read_transaction_data, transaction_data_hash
from giayto_verifiers.verifier import Verifier

ONLINE_MAX_AGE: Final = timedelta(seconds=300)
"""How old a holder's proof may be: long enough for a slow network, while the nonce alone makes it fresh."""


def judge_answer(
    answer: VpToken,
    request: PresentationRequest,
    *,
    bundle: VerifierBundle,
    policy: Policy,
    now: datetime,
    replay_guard: ReplayGuard | None = None,
) -> AnswerVerdict:
    """Judge a wallet's answer.

    Args:
        answer: from `read_response`.
        request: the one that it answers; whoever keeps requests takes one answer for each.
        bundle: what presentations are checked against.
        policy: this verifier's demands; audience, challenge, purpose and the age of the proof are
            those of the request.
        now: aware time of the check.
        replay_guard: remembers accepted presentations; by default of this answer alone, which the nonce makes enough.
    """
    guard = InMemoryReplayGuard() if replay_guard is None else replay_guard
    verifier = Verifier(bundle, policy=_policy_for(request, policy), replay_guard=guard)
    shown = [_read(number, *each) for number, each in enumerate(answer.presentations)]
    comparison = _compare(request, [each for each in shown if each is not None])
    checked = [
        CheckedPresentation(
            credential_id,
            verifier.verify_answer(
                text, now=now, challenge=request.nonce, objections=comparison.of_presentation.get(number, ())
            ),
        )
        for number, (credential_id, text) in enumerate(answer.presentations)
    ]
    return conclude(checked, comparison.of_answer)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A presentation that can be read, at its place in the answer."""

    number: int
    presentation: ShownPresentation
    confirmed_hashes: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Comparison:
    of_answer: tuple[Finding, ...]
    of_presentation: Mapping[int, Sequence[Finding]]


def _policy_for(request: PresentationRequest, policy: Policy) -> Policy:
    return replace(
        policy,
        audience=request.client_id,
        challenge_required=True,
        purpose=request.purpose.code,
        max_presentation_age=ONLINE_MAX_AGE,
    )


def _read(number: int, credential_id: str, text: str) -> _Shown | None:
    try:
        sd_jwt = UnverifiedSdJwt.parse(text)
        reveal(sd_jwt.jws.unverified_payload(), sd_jwt.disclosures)
    except GiaytoError:
        return None  # the steps say what is wrong with it
    return _Shown(number, ShownPresentation(credential_id, sd_jwt), _confirmed_hashes(sd_jwt))


def _confirmed_hashes(sd_jwt: UnverifiedSdJwt) -> frozenset[str]:
    """Return what the holder's proof says of transaction data; step 8 finds out whether the proof is genuine."""
    try:
        proof = jws.parse(sd_jwt.key_binding or "", typ=KEY_BINDING_TYP).unverified_payload()
    except GiaytoError:
        return frozenset()
    hashes, algorithm = proof.get("transaction_data_hashes", []), proof.get("transaction_data_hashes_alg", HASH_NAME)
    if not isinstance(hashes, list) or algorithm != HASH_NAME:
        return frozenset({""})  # not a hash of anything: it counts as one that was not asked for
    return frozenset(each if isinstance(each, str) else "" for each in hashes)


def _compare(request: PresentationRequest, shown: Sequence[_Shown]) -> _Comparison:
    of_answer: list[Finding] = []
    of_presentation: dict[int, list[Finding]] = {}
    for objection in check_presentations(request.query, [each.presentation for each in shown]):
        reason = Reason.MORE_THAN_ASKED if isinstance(objection, Excess) else Reason.QUERY_NOT_SATISFIED
        finding = Finding(reason, objection.detail)
        if objection.position is None:
            of_answer.append(finding)
        else:
            of_presentation.setdefault(shown[objection.position].number, []).append(finding)
    for each in _foreign_confirmations(request, shown):
        of_presentation.setdefault(each.number, []).append(_UNASKED_CONFIRMATION)
    of_answer += _missing_confirmations(request, shown)
    return _Comparison(tuple(of_answer), of_presentation)


_UNASKED_CONFIRMATION: Final = Finding(
    Reason.TRANSACTION_DATA_MISMATCH, "key binding: transaction_data_hashes holds what was not asked of this credential"
)


def _foreign_confirmations(request: PresentationRequest, shown: Iterable[_Shown]) -> Iterator[_Shown]:
    for each in shown:
        wanted = {
            transaction_data_hash(encoded)
            for encoded in request.transaction_data
            if each.presentation.credential_id in _referenced(request, encoded)
        }
        if not each.confirmed_hashes <= wanted:
            yield each


def _missing_confirmations(request: PresentationRequest, shown: Sequence[_Shown]) -> Iterator[Finding]:
    for number, encoded in enumerate(request.transaction_data):
        wanted, referenced = transaction_data_hash(encoded), _referenced(request, encoded)
        confirmed = (wanted in each.confirmed_hashes for each in shown if each.presentation.credential_id in referenced)
        if not any(confirmed):
            yield Finding(Reason.TRANSACTION_DATA_MISMATCH, f"transaction_data[{number}]: no presentation confirms it")


def _referenced(request: PresentationRequest, encoded: str) -> frozenset[str]:
    members = read_transaction_data(encoded, [each.id for each in request.query.credentials])
    return frozenset(members["credential_ids"])
