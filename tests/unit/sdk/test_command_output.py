"""Standard output belongs to answers."""

import sys
from collections.abc import Iterator

import pytest
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from giayto_sdk.cli.app import main


@pytest.fixture(autouse=True)
def own_hooks() -> Iterator[None]:
    yield
    set_on_retry_hooks(None)


def test_retries_write_nothing_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    set_on_retry_hooks(None)  # what stamina chooses, which writes to standard output where structlog is installed
    assert get_on_retry_hooks()
    monkeypatch.setattr(sys, "argv", ["giayto", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert get_on_retry_hooks() == ()
