"""The pages that a citizen sees here: consent, and a link that leads nowhere. Plain HTML without script."""

from dataclasses import dataclass
from html import escape
from string import Template
from typing import Final
from urllib.parse import urlsplit

from giayto_wallet_api.authorization.browser_flow import ConsentQuestion

STYLESHEET: Final = """\
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
dt { font-weight: 600; }
button { font: inherit; padding: .6rem 1.5rem; margin: 1rem 1rem 0 0; min-height: 2.75rem; }
[role=alert] { border-left: .4rem solid #b91c1c; padding: .5rem 1rem; }
:focus-visible { outline: .2rem solid #1d4ed8; outline-offset: .15rem; }
"""


@dataclass(frozen=True, slots=True)
class _Texts:
    language: str
    title: str
    question: str
    issued_by: str
    answer_goes_to: str
    allow: str
    deny: str
    unusable: str


_TEXTS: Final = {
    "vi": _Texts(
        language="vi",
        title="Cho phép nhận giấy tờ",
        question="Ứng dụng “{wallet}” muốn nhận các giấy tờ sau của bạn:",
        issued_by="Cơ quan cấp",
        answer_goes_to="Sau khi trả lời, bạn được đưa về: {target}",
        allow="Cho phép",
        deny="Từ chối",
        unusable="Liên kết này đã được dùng, đã hết hạn hoặc thuộc về trình duyệt khác. Hãy bắt đầu lại từ ứng dụng.",
    ),
    "en": _Texts(
        language="en",
        title="Hand over documents",
        question="The app “{wallet}” asks for these documents of yours:",
        issued_by="Issued by",
        answer_goes_to="After your answer you are taken back to: {target}",
        allow="Allow",
        deny="Refuse",
        unusable="This link was used, has expired, or belongs to another browser. Begin again in the app.",
    ),
}

_FRAME: Final = Template("""\
<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="stylesheet" href="$stylesheet">
</head>
<body>
<main>
<h1>$title</h1>
$content
</main>
</body>
</html>
""")

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
    return _page(texts, base, content)


def unusable_link_page(*, language: str, base: str) -> str:
    """Return the page for a link that leads nowhere; nobody is redirected."""
    texts = _TEXTS[language]
    return _page(texts, base, f'<p role="alert">{escape(texts.unusable)}</p>')


def _shown_target(redirect_uri: str) -> str:
    parts = urlsplit(redirect_uri)
    return parts.netloc or f"{parts.scheme}:"


def _page(texts: _Texts, base: str, content: str) -> str:
    return _FRAME.substitute(
        language=texts.language,
        title=escape(texts.title),
        stylesheet=escape(f"{base}/oauth/pages.css"),
        content=content,
    )
