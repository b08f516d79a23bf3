"""JSON of the command: one value, or long lists that are written as they are read."""

import json
from collections.abc import Iterator

import pytest

from giayto_sdk.cli.json_output import write_json, write_json_array, write_json_object


def test_vietnamese_is_written_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    write_json({"vi": "Đỗ Thị Ngọc"})
    assert capsys.readouterr().out == '{\n  "vi": "Đỗ Thị Ngọc"\n}\n'


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_array_is_json(capsys: pytest.CaptureFixture[str], count: int) -> None:
    elements = [{"a": [number, None]} for number in range(count)]
    write_json_array(iter(elements))
    assert json.loads(capsys.readouterr().out) == elements


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("members", [{"a": 1}, {"a": {}}, {"a": {"b": {"c": "}"}}}])
def test_an_object_with_a_long_member_is_json(
    capsys: pytest.CaptureFixture[str], members: dict[str, object], count: int
) -> None:
    write_json_object(members, "rows", iter(range(count)))
    assert json.loads(capsys.readouterr().out) == {**members, "rows": list(range(count))}


def test_elements_are_written_as_they_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    def elements() -> Iterator[int]:
        yield 1
        assert "1" in capsys.readouterr().out
        yield 2

    write_json_array(elements())
    assert "2" in capsys.readouterr().out
