"""`giayto bundle`: look at a verifier bundle, and fetch the newest."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.text import Text

from giayto_crypto.bundle import VerifierBundle
from giayto_sdk._checking.bundles import BundleFetcher, BundleShelf, load_anchors
from giayto_sdk._clock import system_clock
from giayto_sdk.cli.arguments import AnchorFile, AsJson
from giayto_sdk.cli.json_output import write_json
from giayto_sdk.cli.terminal import err, local_time, out, print_entry, rfc3339

bundle_app = App(name="bundle", help="Look at a verifier bundle, and fetch the newest.")


@bundle_app.command
def show(file: Path, /, *, anchor: AnchorFile, as_json: AsJson = False) -> None:
    """Check a bundle's signatures and tell what it holds: agencies, document types, age of the status lists.

    Parameters
    ----------
    file
        The bundle.
    """
    bundle = BundleShelf(load_anchors(anchor), clock=system_clock, fetcher=None).open(file)
    if as_json:
        write_json(_members(bundle))
    else:
        _print(bundle)


@bundle_app.command
def fetch(
    url: str,
    /,
    *,
    anchor: AnchorFile,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="Replaced only by a newer bundle.")],
) -> None:
    """Fetch the newest bundle, check it, and put it in the place of the file at once.

    Parameters
    ----------
    url
        Of the bundle, or the base URL of the wallet backend.
    """
    fetcher = BundleFetcher(url, clock=system_clock)
    shelf = BundleShelf(load_anchors(anchor), clock=system_clock, fetcher=fetcher)
    try:
        was_there = output.exists()
        bundle = shelf.open(output)
        if was_there:
            bundle = shelf.refresh() or bundle
    finally:
        shelf.close()
    err.print(Text(f"{output}: sequence {bundle.sequence}, issued {local_time(bundle.issued_at)}"))


def _print(bundle: VerifierBundle) -> None:
    out.print(Text(f"Gói kiểm tra · verifier bundle {bundle.sequence}", style="bold"))
    out.print(Text(f"Phát hành · issued   {local_time(bundle.issued_at)}"))
    out.print(Text(f"Hết hạn · expires    {local_time(bundle.expires_at)}\n"))
    _heading("Cơ quan · agencies")
    for issuer in bundle.trust_list.issuers:
        print_entry(f"{issuer.agency_id} {issuer.names.vi} · {issuer.names.en}", issuer.iss, *issuer.vcts)
    _heading("\nLoại giấy tờ · document types")
    for entry in bundle.catalogue:
        print_entry(entry.vct, f"{entry.titles.vi} · {entry.titles.en}")
    _heading("\nDanh sách trạng thái · status lists")
    for uri, status_list in bundle.status_lists.items():
        print_entry(uri, f"tính đến · as of {local_time(status_list.issued_at)}")
    for uri, code in bundle.refused_status_lists.items():
        print_entry(uri, f"bị từ chối · refused: {code}")


def _heading(text: str) -> None:
    out.print(Text(text, style="dim"))


def _members(bundle: VerifierBundle) -> dict[str, Any]:
    return {
        "sequence": bundle.sequence,
        "issued_at": rfc3339(bundle.issued_at),
        "expires_at": rfc3339(bundle.expires_at),
        "trust_list_sequence": bundle.trust_list.sequence,
        "issuers": [
            {
                "agency_id": issuer.agency_id,
                "names": {"vi": issuer.names.vi, "en": issuer.names.en},
                "iss": issuer.iss,
                "document_types": list(issuer.vcts),
                "status": issuer.status.value,
            }
            for issuer in bundle.trust_list.issuers
        ],
        "document_types": [
            {"vct": entry.vct, "titles": {"vi": entry.titles.vi, "en": entry.titles.en}} for entry in bundle.catalogue
        ],
        "status_lists": [
            {"uri": uri, "issued_at": rfc3339(status_list.issued_at)}
            for uri, status_list in bundle.status_lists.items()
        ],
        "refused_status_lists": dict(bundle.refused_status_lists),
    }
