"""Every parser of what strangers send, by name."""

from collections.abc import Iterable
from functools import cache

from parser_fuzzing import jose_parsers, openid_parsers, scheme_parsers, sdjwt_parsers
from parser_fuzzing.examining import Parser


@cache
def all_parsers() -> dict[str, Parser]:
    """Return the parsers, in the order of the table."""
    made: Iterable[Parser] = (
        *jose_parsers.made(),
        *sdjwt_parsers.made(),
        *scheme_parsers.made(),
        *openid_parsers.made(),
    )
    return {parser.name: parser for parser in made}
