"""How a single value is refused: by saying what was expected, never by repeating the value."""

from giayto_crypto.localised import Localised


class Unfit(Exception):  # noqa: N818 - not an error for callers: whoever knows the column turns it into a Problem
    """A value is not what its claim expects."""

    def __init__(self, expected: Localised) -> None:
        super().__init__(expected.en)
        self.expected = expected


def unfit(vi: str, en: str) -> Unfit:
    """Make an `Unfit` from the two forms of "what is expected"."""
    return Unfit(Localised(vi=vi, en=en))
