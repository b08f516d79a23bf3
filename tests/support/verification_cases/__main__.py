"""Write all cases and the table of docs/test-cases.md: `PYTHONPATH=tests/support python -m verification_cases`."""

import sys

from verification_cases.case import all_cases
from verification_cases.recipes import all_recipes
from verification_cases.table import PAGE, page
from verification_cases.writing import write_all


def main() -> int:
    """Write, run every case, and say which do not come out as they should."""
    write_all(all_recipes())
    cases = all_cases()
    PAGE.write_text(page(cases.values()), "utf-8")
    wrong = 0
    for case in cases.values():
        answer = case.answer()
        if answer != case.expected:
            wrong += 1
            sys.stderr.write(f"{case.id}: expected {case.expected}, found {answer}\n")
    sys.stdout.write(f"{len(cases)} cases, {wrong} of them come out otherwise\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
