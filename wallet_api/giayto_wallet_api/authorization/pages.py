"""The pages that a citizen sees here: consent, and a link that leads nowhere. Plain HTML without script."""

from dataclasses import dataclass
from html import escape
from string import Template
from typing import Final
from urllib.parse import urlsplit

from giayto_wallet_api.authorization.browser_flow import ConsentQuestion
from giayto_wallet_api.html_pages import page


@dataclass(frozen=True, slots=True)
class _Texts:
    title: str
    question: str
    issued_by: str
    answer_goes_to: str
    allow: str
    deny: str
    unusable: str


_TEXTS: Final = {
    "vi": _Texts(
        title="Cho phép nhận giấy tờ",
        question="Ứng dụng “{wallet}” muốn nhận các giấy tờ sau của bạn:",
        issued_by="Cơ quan cấp",
        answer_goes_to="Sau khi trả lời, bạn được đưa về: {target}",
        allow="Cho phép",
        deny="Từ chối",
        unusable="Liên kết này đã được dùng, đã hết hạn hoặc thuộc về trình duyệt khác. Hãy bắt đầu lại từ ứng dụng.",
    ),
    "en": _Texts(
        title="Hand over documents",
        question="The app “{wallet}” asks for these documents of yours:",
        issued_by="Issued by",
        answer_goes_to="After your answer you are taken back to: {target}",
        allow="Allow",
        deny="Refuse",
        unusable="This link was used, has expired, or belongs to another browser. Begin again in the app.",
    ),
}

_FORM: Final = Template("""\
<p>$question</p>
<dl>
$documents
</dl>
<p>$target</p>
<form method="post" action="$action">
<input type="hidden" name="consent" value="$secret">
<button type="submit" name="answer" value="allow">$allow</button>
<button type="submit" name="answer" value="deny">$deny</button>
</form>
""")


def consent_page(question: ConsentQuestion, *, language: str, base: str) -> str:
    """Return the page on which the citizen allows or refuses.

    Args:
        question: what is asked.
        language: `vi` or `en`.
        base: path of this server's own addresses, empty for none.
    """
    texts = _TEXTS[language]
    documents = "\n".join(
        f"<dt>{escape(getattr(title, language))}</dt>"
        f"<dd>{escape(texts.issued_by)}: {escape(getattr(agency, language))}</dd>"
        for title, agency in question.documents
    )
    content = _FORM.substitute(
        question=escape(texts.question.format(wallet=question.request.client_name)),
        documents=documents,
        target=escape(texts.answer_goes_to.format(target=_shown_target(question.request.redirect_uri))),
        action=escape(f"{base}/oauth/consent"),
        secret=escape(question.secret),
        allow=escape(texts.allow),
        deny=escape(texts.deny),
    )
    return _page(content, language, base)


def unusable_link_page(*, language: str, base: str) -> str:
    """Return the page for a link that leads nowhere; nobody is redirected."""
    texts = _TEXTS[language]
    return _page(f'<p role="alert">{escape(texts.unusable)}</p>', language, base)


def _shown_target(redirect_uri: str) -> str:
    parts = urlsplit(redirect_uri)
    return parts.netloc or f"{parts.scheme}:"


def _page(content: str, language: str, base: str) -> str:
    return page(content, language=language, title=_TEXTS[language].title, stylesheet=f"{base}/oauth/pages.css")
