"""The login page: plain HTML that works without script, in Vietnamese and English, for screen readers too."""

from dataclasses import dataclass
from html import escape
from string import Template
from typing import Final

from giayto_wallet_api.html_pages import page
from giayto_wallet_api.identity.sandbox_provider.authorization_request import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class _Texts:
    other_language: str
    title: str
    notice: str
    label: str
    hint: str
    button: str
    nobody: str
    unusable: str


_TEXTS: Final = {
    "vi": _Texts(
        other_language="English",
        title="Đăng nhập thử nghiệm",
        notice="Đây là môi trường thử nghiệm với người dân giả lập. Không nhập số định danh thật.",
        label="Số định danh cá nhân hoặc mã số thuế",
        hint="12 chữ số của một người, hoặc 10 chữ số (hoặc 10-3) của một tổ chức trong dữ liệu thử nghiệm.",
        button="Đăng nhập",
        nobody="Dữ liệu thử nghiệm không có số này. Hãy kiểm tra lại.",
        unusable="Yêu cầu đăng nhập không đến từ ứng dụng đã đăng ký. Hãy quay lại ứng dụng và thử lại.",
    ),
    "en": _Texts(
        other_language="Tiếng Việt",
        title="Sandbox login",
        notice="This is a test environment with generated people. Do not enter a real personal number.",
        label="Personal number or tax code",
        hint="The 12 digits of a person, or the 10 digits (or 10-3) of an organisation of the test data.",
        button="Log in",
        nobody="The test data has nobody with this number. Check it, please.",
        unusable="The login request does not come from a registered app. Go back to the app and try again.",
    ),
}

_FORM: Final = Template("""\
<p class="notice">$notice</p>
$alert
<form method="post" action="$action">
$hidden
<label for="identifier">$label</label>
<p id="hint">$hint</p>
<input id="identifier" name="personal_number" inputmode="numeric" autocomplete="off" maxlength="16" required
 aria-describedby="$described_by"$invalid>
<button type="submit">$button</button>
</form>
<p><a href="$other_address" lang="$other">$other_language</a></p>
""")


def login_page(
    request: AuthorizationRequest, *, language: str, provider_path: str, other_address: str, nobody: bool
) -> str:
    """Return the login form.

    Args:
        request: comes back with the form as hidden fields.
        language: `vi` or `en`.
        provider_path: where the provider's pages live.
        other_address: the same page in the other language.
        nobody: whether the number that was sent before is unknown; the page never repeats it.
    """
    texts = _TEXTS[language]
    fields = {**request.form_fields(), "ui_locales": language}
    content = _FORM.substitute(
        notice=escape(texts.notice),
        alert=f'<p id="problem" role="alert">{escape(texts.nobody)}</p>' if nobody else "",
        action=escape(f"{provider_path}/authorize"),
        hidden="\n".join(map(_hidden_field, fields, fields.values())),
        label=escape(texts.label),
        hint=escape(texts.hint),
        described_by="hint problem" if nobody else "hint",
        invalid=' aria-invalid="true"' if nobody else "",
        button=escape(texts.button),
        other_address=escape(other_address),
        other="en" if language == "vi" else "vi",
        other_language=escape(texts.other_language),
    )
    return _page(content, language, provider_path)


def unusable_request_page(*, language: str, provider_path: str) -> str:
    """Return the page for a request whose client or redirect URI is unknown; nobody is redirected."""
    texts = _TEXTS[language]
    return _page(f'<p role="alert">{escape(texts.unusable)}</p>', language, provider_path)


def _hidden_field(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _page(content: str, language: str, provider_path: str) -> str:
    return page(content, language=language, title=_TEXTS[language].title, stylesheet=f"{provider_path}/login.css")
