"""`make fuzz`: search, print a table, fail when something was found; or read one kept input again."""

import argparse
import sys
from pathlib import Path
from traceback import print_exc
from warnings import filterwarnings

from cryptography.utils import CryptographyDeprecationWarning

from giayto_crypto.errors import GiaytoError
from parser_fuzzing.campaign import Row, parser_of, run
from parser_fuzzing.examining import examine, examine_flipped, measure
from parser_fuzzing.parsers import all_parsers

HEAD = f"{'parser':<28}{'executions':>12}{'per second':>12}{'slowest ms':>12}{'peak MiB':>10}{'flipped':>9}{'found':>7}"


def main() -> int:
    """Search, or read one input again."""
    filterwarnings("ignore", category=CryptographyDeprecationWarning)  # strange certificates are the point here
    arguments = _arguments()
    if arguments.replay:
        return _replay(arguments.replay)
    names = [name for name in all_parsers() if arguments.only in name]
    if not names:
        sys.exit(f"no parser is called {arguments.only!r}; there are: {', '.join(all_parsers())}")
    print(HEAD, flush=True)
    findings = []
    for row in run(names, arguments.seconds, arguments.folder.resolve()):
        print(_line(row), flush=True)
        findings += row.findings
    for finding in findings:
        print(f"\n{finding.parser}: {finding.problem}\n  make fuzz REPLAY={_shown(finding.file)}")
    print(f"\n{len(findings)} problems found")
    return 1 if findings else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="parser_fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of searching in all (default 60)")
    parser.add_argument("--only", default="", metavar="NAME", help="parsers whose name contains this")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="for inputs and findings (default .fuzz)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="read one kept input again")
    return parser.parse_args()


def _line(row: Row) -> str:
    per_second = row.executions / row.seconds if row.seconds else 0
    flips = row.flipped_bits or "-"
    return (
        f"{row.parser:<28}{row.executions:>12}{per_second:>12.0f}{row.slowest * 1000:>12.2f}"
        f"{row.peak_bytes / 2**20:>10.2f}{flips:>9}{len(row.findings):>7}"
    )


def _replay(file: Path) -> int:
    parser, data = parser_of(file), file.read_bytes()
    print(f"{parser.name}: {len(data)} bytes")
    try:
        print(f"believed: {parser.read(data)!r}")
    except GiaytoError as error:
        print(f"refused: {error}")
    except Exception:
        print_exc(file=sys.stdout)
    cost = measure(parser, data)
    print(f"{cost.seconds * 1000:.2f} ms, {cost.peak_bytes / 2**20:.2f} MiB")
    one_bit_off = file.name.startswith("flipped-bit")
    problem = (examine_flipped(parser, data) if one_bit_off else examine(parser, data)) or cost.problem()
    print(f"problem: {problem or 'none'}")
    return 1 if problem else 0


def _shown(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


if __name__ == "__main__":
    sys.exit(main())
