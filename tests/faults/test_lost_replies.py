"""Rows pushed in any order, twice, with answers lost on their way, between revocations and suspensions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bench.register import AGENCY
from fault_injection import PushEnded, World
from giayto_crypto.keys import LocalSigner
from giayto_sdk._clock import system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.api import IssuerApi
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk.errors import ConflictError, NetworkError
from invariants import check
from network_faults import LosingTransport

ROWS = 40
EXAMPLES = 5


class Agency:
    """An agency's system behind a network that loses answers; remembers what it was told."""

    def __init__(self, world: World) -> None:
        sandbox = world.register.sandbox
        self.network = LosingTransport()
        http = HttpClient(world.base_url, clock=system_clock, transport=self.network)
        dpop = DpopProver(LocalSigner.generate(), system_clock)
        key = LocalSigner.from_pem((sandbox.folder.agency(AGENCY.agency_id) / "client.key.pem").read_bytes())
        credentials = ClientCredentials(http, dpop, client_id=AGENCY.client_id, signer=key, scope="issuer")
        self.api = IssuerApi(AuthorisedClient(http, dpop, credentials.fetch_token))
        self.rows = world.register.signed_rows(self.api)
        self.stored: dict[str, str] = {}
        self.revoked: set[str] = set()

    def push(self, numbers: Sequence[int], answers: int | None) -> None:
        """Send rows as one stream, and read the answers that come through."""
        self.network.answers_of_next_push = answers
        with suppress(NetworkError), self.api.push([self.rows[number] for number in numbers]) as answered:
            for answer in answered:
                self._note(answer)

    def change(self, verb: str, choose: int) -> None:
        """Revoke, suspend or resume a document that is known to be stored."""
        if not self.stored:
            return
        document_id = sorted(self.stored.values())[choose % len(self.stored)]
        body: Mapping[str, str] = {} if verb == "resume" else {"reason": "test"}
        with suppress(ConflictError):  # what is revoked is neither suspended nor resumed
            self.api.change_status(document_id, verb, body)
            if verb == "revoke":
                self.revoked.add(document_id)

    def told(self) -> PushEnded:
        """What the agency was told, in the form of a report."""
        results = [
            {"row_key": row_key, "document_id": document_id, "outcome": "stored"}
            for row_key, document_id in self.stored.items()
        ]
        return PushEnded(0, {"results": results})

    def _note(self, answer: Mapping[str, Any]) -> None:
        assert answer["result"] in ("stored", "unchanged"), answer
        known = self.stored.setdefault(answer["row_key"], answer["document_id"])
        assert known == answer["document_id"]


def operations_on(agency: Agency) -> type[RuleBasedStateMachine]:
    class Operations(RuleBasedStateMachine):
        @rule(
            numbers=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=12),
            answers=st.none() | st.integers(0, 12),
        )
        def push(self, numbers: list[int], answers: int | None) -> None:
            agency.push(numbers, answers)

        @rule(verb=st.sampled_from(["revoke", "suspend", "resume"]), choose=st.integers(0, ROWS))
        def change(self, verb: str, choose: int) -> None:
            agency.change(verb, choose)

    return Operations


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with World.made(tmp_path, ROWS, on=request.param) as made:
        made.start_server()
        yield made


def test_nothing_is_lost_and_nothing_twice(world: World, extent) -> None:
    agency = Agency(world)
    machine = operations_on(agency)
    steps = extent.operations // EXAMPLES
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    agency.push(range(ROWS), None)
    assert len(agency.stored) == ROWS
    # This agency keeps no journal: whether intents came first is tried where one does.
    evidence = world.evidence(agency.told(), revoked=sorted(agency.revoked))
    assert check(replace(evidence, intended=None)) == []
