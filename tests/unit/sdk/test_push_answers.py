"""Answers of a push stream are matched to the rows that were sent; anything else stops the push."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from giayto_sdk._issuing.api import IssuerApi
from giayto_sdk._issuing.results import RowOutcome
from giayto_sdk._issuing.row_streams import MAX_STREAM_BYTES, STREAM_ROWS
from giayto_sdk._issuing.sending import SignedRow, _result, signed_rows
from giayto_sdk.errors import ProtocolError

SENT = SignedRow(7, "key-7", None, b"{}\n")


def test_an_accepted_row_has_its_document() -> None:
    result = _result(SENT, {"row": 1, "row_key": "key-7", "result": "stored", "document_id": "doc_1"})
    assert (result.row, result.outcome, result.document_id) == (7, RowOutcome.STORED, "doc_1")


def test_a_refused_row_has_its_problem() -> None:
    problem = {"code": "status_index_used", "detail": "d", "message_vi": "v", "message_en": "e"}
    result = _result(SENT, {"row": 1, "row_key": "key-7", "result": "refused", "problem": problem})
    assert result.outcome is RowOutcome.REFUSED
    assert result.problem is not None
    assert (result.problem.code, result.problem.message_vi) == ("status_index_used", "v")
    bare = _result(SENT, {"row": 1, "result": "refused"})
    assert bare.problem is not None
    assert bare.problem.code == "refused"


@pytest.mark.parametrize(
    "answer",
    [
        {"row_key": "key-8", "result": "stored", "document_id": "doc_1"},
        {"row_key": "key-7", "result": "stored"},
        {"row_key": "key-7", "result": "stored", "document_id": 1},
        {"row_key": "key-7", "result": "perhaps", "document_id": "doc_1"},
        {"row_key": "key-7"},
        {},
    ],
)
def test_an_answer_that_does_not_fit_is_not_guessed_at(answer: Mapping[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        _result(SENT, answer)


def line(row: int, size: int = 0) -> bytes:
    return json.dumps({"row": row, "row_key": f"key-{row}", "filler": "x" * size}).encode() + b"\n"


def test_a_stream_stays_within_its_size(tmp_path: Path) -> None:
    outgoing = tmp_path / "1.ndjson"
    outgoing.write_bytes(b"".join(line(row, MAX_STREAM_BYTES // 3 - 100) for row in range(7)))
    portions = list(signed_rows(outgoing, without=()))
    assert [[each.row for each in portion] for portion in portions] == [[0, 1, 2], [3, 4, 5], [6]]
    assert b"".join(each.line for portion in portions for each in portion) == outgoing.read_bytes()
    # A row that is too long alone still gets its own stream: the server says what is wrong with it.
    outgoing.write_bytes(line(1, MAX_STREAM_BYTES) + line(2, MAX_STREAM_BYTES))
    assert [len(portion) for portion in signed_rows(outgoing, without=())] == [1, 1]


def test_a_stream_stays_within_its_number_of_rows_and_leaves_out_what_is_answered(tmp_path: Path) -> None:
    outgoing = tmp_path / "1.ndjson"
    outgoing.write_bytes(b"".join(line(row) for row in range(2 * STREAM_ROWS)))
    portions = list(signed_rows(outgoing, without={0, STREAM_ROWS}))
    assert [len(portion) for portion in portions] == [STREAM_ROWS, STREAM_ROWS - 2]
    assert {0, STREAM_ROWS}.isdisjoint(each.row for portion in portions for each in portion)
    assert list(signed_rows(tmp_path / "absent.ndjson", without=())) == []


class FakeClient:
    """Answers every POST with one body."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def post(self, *_: object, **__: object) -> "FakeClient":
        return self

    def json(self) -> Mapping[str, Any]:
        return self._body


@pytest.mark.parametrize(
    "entries",
    [
        [{"uri": "https://list", "idx": 1}],
        [{"uri": "https://list", "idx": 1}, {"uri": "https://list", "idx": 1}],
        [{"uri": "https://list", "idx": 1}, {"uri": "https://list", "idx": True}],
        [{"uri": "https://list", "idx": 1}, {"idx": 2}],
        [{"uri": "https://list", "idx": 1}, 2],
    ],
    ids=["too-few", "twice-the-same", "no-number", "no-list", "no-object"],
)
def test_status_indexes_that_are_not_fresh_ones_for_each_copy_are_refused(entries: list[Any]) -> None:
    api = IssuerApi(FakeClient({"entries": entries}))  # type: ignore[arg-type]
    with pytest.raises(ProtocolError):
        api.reserve_status_indexes("urn:type", 2)


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [{"state": "no_wallet"}, {"state": "no_wallet"}],
        [{"state": "maybe"}],
        [{"state": "ready", "holder_keys": [{"kty": "RSA"}]}],
        [{"state": "ready"}],
        ["ready"],
    ],
)
def test_a_look_up_that_is_not_one_answer_for_each_subject_is_refused(answers: list[Any]) -> None:
    from giayto_issuers.subjects import Subject, SubjectIdentity

    api = IssuerApi(FakeClient({"answers": answers}))  # type: ignore[arg-type]
    with pytest.raises(ProtocolError):
        api.look_up("urn:type", [(Subject("person", "001099000017"), SubjectIdentity("Đỗ Thị Ngọc"))])
