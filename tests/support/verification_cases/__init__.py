"""Cases of the check, as data: `all_cases()` reads them, `python -m verification_cases` writes them."""

from verification_cases.case import Answer, Case, all_cases

__all__ = ["Answer", "Case", "all_cases"]
