"""The login page: valid structure, two languages, nothing inline, nothing that was sent unescaped."""

from html.parser import HTMLParser
from typing import Any

import pytest

from giayto_wallet_api.html_pages import language_of
from giayto_wallet_api.identity.sandbox_provider import pages
from giayto_wallet_api.identity.sandbox_provider.authorization_request import AuthorizationRequest

REQUEST = AuthorizationRequest(
    client_id="giayto-wallet",
    redirect_uri="http://127.0.0.1:53682/callback",
    state='"><script>alert(1)</script>',
    nonce="n",
    code_challenge="c",
)


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(language: str = "vi", *, nobody: bool = False) -> str:
    return pages.login_page(
        REQUEST, language=language, provider_path="/sandbox/idp", other_address="/other?a=1&b=2", nobody=nobody
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_form_is_usable_without_seeing_it(language: str) -> None:
    elements = Elements(page(language))
    assert elements.of("html") == [{"lang": language}]
    field = next(field for field in elements.of("input") if field.get("type") != "hidden")
    assert elements.of("label") == [{"for": field["id"]}]
    assert field["aria-describedby"] == "hint"
    assert any(paragraph.get("id") == "hint" for paragraph in elements.of("p"))
    assert len(elements.of("h1")) == 1


def test_an_unknown_number_is_announced_and_not_repeated() -> None:
    elements = Elements(page(nobody=True))
    field = next(field for field in elements.of("input") if field.get("type") != "hidden")
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "hint problem")
    assert "value" not in field
    assert {"id": "problem", "role": "alert"} in elements.of("p")


def test_nothing_is_inline_and_nothing_breaks_out() -> None:
    elements = Elements(page())
    tags = {tag for tag, _ in elements.found}
    assert not tags & {"script", "style"}
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in elements.found if "style" in attributes]
    hidden = {field["name"]: field["value"] for field in elements.of("input") if field.get("type") == "hidden"}
    assert hidden["state"] == REQUEST.state


def test_the_page_says_that_it_is_a_test() -> None:
    assert "môi trường thử nghiệm" in page("vi")
    assert "test environment" in page("en")


@pytest.mark.parametrize(
    ("ui_locales", "accepted", "language"),
    [
        ("", "", "vi"),
        ("en", "vi", "en"),
        ("fr en-GB", "vi", "en"),
        ("", "en-US,en;q=0.9,vi;q=0.8", "en"),
        ("", "fr,de;q=0.5", "vi"),
        ("", "vi-VN", "vi"),
    ],
)
def test_the_language_that_is_asked_for(ui_locales: str, accepted: str, language: str) -> None:
    assert language_of(ui_locales, accepted) == language
