"""The frame of the pages that a citizen meets in a browser: plain HTML that works without script."""

from html import escape
from string import Template
from typing import Final

STYLESHEET: Final = """\
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
.notice { border-left: .4rem solid #b45309; padding: .5rem 1rem; }
label { display: block; font-weight: 600; }
dt { font-weight: 600; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; }
button { font: inherit; padding: .6rem 1.5rem; margin: 1rem 1rem 0 0; min-height: 2.75rem; }
[role=alert] { border-left: .4rem solid #b91c1c; padding: .5rem 1rem; }
:focus-visible { outline: .2rem solid #1d4ed8; outline-offset: .15rem; }
"""

_LANGUAGES: Final = ("vi", "en")
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


def language_of(ui_locales: str, accept_language: str) -> str:
    """Return `vi` or `en`: what the request asks for first, else Vietnamese (OpenID Connect Core §3.1.2.1)."""
    wanted = [*ui_locales.split(), *(part.partition(";")[0] for part in accept_language.split(","))]
    for tag in wanted:
        primary = tag.strip().lower().partition("-")[0]
        if primary in _LANGUAGES:
            return primary
    return "vi"


def page(content: str, *, language: str, title: str, stylesheet: str) -> str:
    """Return a page.

    Args:
        content: HTML, in which all that is not ours is escaped already.
        language: `vi` or `en`.
        title: as text.
        stylesheet: address of `STYLESHEET`, as text.
    """
    return _FRAME.substitute(language=language, title=escape(title), stylesheet=escape(stylesheet), content=content)
