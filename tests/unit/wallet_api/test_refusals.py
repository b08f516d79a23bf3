"""What people and programs read when something is refused."""

from collections.abc import Iterator

import pytest
from litestar.testing import RequestFactory

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api import app as _all_features  # noqa: F401 - so that every problem is declared
from giayto_wallet_api.dpop.problems import DpopProofError, InvalidTokenError
from giayto_wallet_api.limits.problems import OverloadedError
from giayto_wallet_api.oauth.errors import answer_problem_as_oauth_error
from giayto_wallet_api.problems import ProblemError


def declared(problem: type[ProblemError] = ProblemError) -> Iterator[type[ProblemError]]:
    """Every problem below one; those of this project only."""
    for each in problem.__subclasses__():
        if each.__module__.startswith("giayto_"):
            yield each
        yield from declared(each)


PROBLEMS = sorted(set(declared()), key=lambda problem: (problem.code, problem.__qualname__))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: f"{problem.__name__}")
def test_every_problem_speaks_both_languages(problem: type[ProblemError]) -> None:
    for name in ("message_vi", "message_en"):
        text = getattr(problem, name)
        assert text != getattr(GiaytoError, name), f"{problem.__name__} has no {name} of its own"
        assert text.endswith((".", "!", "?"))
    assert problem.message_vi != problem.message_en
    assert problem.code != GiaytoError.code


def test_a_code_has_one_status() -> None:
    assert len(PROBLEMS) >= 50
    statuses: dict[str, set[int]] = {}
    for problem in PROBLEMS:
        statuses.setdefault(problem.code, set()).add(problem.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("problem", "status"),
    [(OverloadedError(retry_after_seconds=7), 503), (DpopProofError(), 400), (InvalidTokenError(), 400)],
)
def test_the_token_endpoint_tells_later_from_never(problem: ProblemError, status: int) -> None:
    answer = answer_problem_as_oauth_error(RequestFactory().post("/oauth/token"), problem)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if status == 503 else None)
    assert answer.content["error"] == problem.code
