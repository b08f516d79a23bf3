"""All recipes, in the order of the steps of docs/verification.md."""

from importlib import import_module

from verification_cases.casebook import Casebook, book

MODULES = (
    "step_01_grammar",
    "step_01_qr",
    "step_02_jose",
    "step_02_claims",
    "step_03_certificates",
    "step_04_authority",
    "step_05_signature",
    "step_06_disclosures",
    "step_07_times",
    "step_08_key_binding",
    "step_09_status",
    "step_10_type_rules",
    "step_11_bundle",
)


def all_recipes() -> Casebook:
    """Return the book with every case entered."""
    for module in MODULES:
        import_module(f"verification_cases.{module}")
    return book
