"""Which authorization requests are answered, and where to."""

from typing import Any

import pytest

from giayto_wallet_api.identity.sandbox_provider.authorization_request import (
    APP_REDIRECT,
    RefusedRequestError,
    UnusableRequestError,
    form_target,
    read_authorization_request,
)

GOOD = {
    "client_id": "giayto-wallet",
    "redirect_uri": "http://127.0.0.1:53682/callback",
    "response_type": "code",
    "scope": "openid",
    "state": "af0ifjsldkj",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def test_a_good_request_comes_back_as_form_fields() -> None:
    assert read_authorization_request(GOOD).form_fields() == GOOD


@pytest.mark.parametrize("redirect_uri", [APP_REDIRECT, "http://127.0.0.1:1/callback", "http://[::1]:65535/callback"])
def test_registered_redirects(redirect_uri: str) -> None:
    assert read_authorization_request({**GOOD, "redirect_uri": redirect_uri}).redirect_uri == redirect_uri


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1/callback"},
        {"redirect_uri": "http://127.0.0.1:080/callback"},
        {"redirect_uri": "http://127.0.0.1:99999/callback"},
        {"redirect_uri": "http://127.0.0.1:80/callback/more"},
        {"redirect_uri": "http://127.0.0.1:80/callback?a=b"},
        {"redirect_uri": "http://127.0.0.1:80/callback#a"},
        {"redirect_uri": "http://user@127.0.0.1:80/callback"},
        {"redirect_uri": "http://127.0.0.1:80@evil.example/callback"},
        {"redirect_uri": "https://127.0.0.1:80/callback"},
        {"redirect_uri": "http://localhost:80/callback"},
        {"redirect_uri": "vn.giayto.wallet:/other"},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_nobody_is_redirected_to_a_stranger(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableRequestError):
        read_authorization_request({**GOOD, **changes})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"state": "a\r\nb"}, "invalid_request"),
    ],
)
def test_a_known_client_is_told_what_is_wrong(changes: dict[str, Any], error: str) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        read_authorization_request({**GOOD, **changes})
    assert refused.value.location.startswith(f"{GOOD['redirect_uri']}?error={error}&state=")
    assert "\n" not in refused.value.location


def test_where_the_forms_answer_may_redirect_to() -> None:
    assert form_target("http://127.0.0.1:53682/callback") == "http://127.0.0.1:53682"
    assert form_target(APP_REDIRECT) == "vn.giayto.wallet:"
