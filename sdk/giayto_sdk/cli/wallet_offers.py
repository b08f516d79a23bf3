"""`giayto wallet offers`, `accept-offer`, `fetch`, `top-up`: documents that are fetched instead of pushed."""

import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter, validators

from giayto_sdk._pictures.reading import read_qr
from giayto_sdk._wallet.answers import WalletDocumentDetail
from giayto_sdk._wallet.client import WalletClient
from giayto_sdk._wallet.issuance import DEFAULT_COPIES
from giayto_sdk._wallet.issuance_offers import OFFER_SCHEME, CredentialOffer, OfferedDocument
from giayto_sdk.cli.arguments import PICTURE_SUFFIXES, AsJson, WalletConfigFile
from giayto_sdk.cli.json_output import write_json_array
from giayto_sdk.cli.terminal import err, print_entries, print_entry, safe
from giayto_sdk.errors import ConfigurationError

_MOST_COPIES: Final = 100

DocumentId = Annotated[str, Parameter(help="As `giayto wallet offers` shows it.")]
Copies = Annotated[
    int, Parameter(help="How many copies; each is shown once.", validator=validators.Number(gte=1, lte=_MOST_COPIES))
]


def offers(*, config: WalletConfigFile, as_json: AsJson = False) -> None:
    """List the documents that agencies have deposited for you, to be fetched."""
    with WalletClient.from_file(config) as wallet:
        found = wallet.issuance.offers()
    if as_json:
        write_json_array(map(msgspec.to_builtins, found))
    else:
        print_entries(found, _print_offer)


def accept_offer(
    offer: Annotated[
        str, Parameter(help="The link, a picture of the QR, a file with the link, or - for standard input.")
    ],
    /,
    *,
    config: WalletConfigFile,
    copies: Copies = DEFAULT_COPIES,
) -> None:
    """Fetch the document of a credential offer. The code that came another way is asked for on standard input."""
    with WalletClient.from_file(config) as wallet:
        resolved = wallet.issuance.resolve_offer(_link(offer))
        tx_code = _ask_tx_code(resolved) if resolved.needs_tx_code else None
        _say_fetched(wallet.issuance.accept_offer(resolved, tx_code=tx_code, copies=copies))


def fetch(document: DocumentId, /, *, config: WalletConfigFile, copies: Copies = DEFAULT_COPIES) -> None:
    """Fetch a document that an agency has deposited for you."""
    with WalletClient.from_file(config) as wallet:
        _say_fetched(wallet.issuance.fetch(document, copies=copies))


def top_up(document: DocumentId, /, *, config: WalletConfigFile, copies: Copies = DEFAULT_COPIES) -> None:
    """Fetch copies of a fetched document until so many are unused."""
    with WalletClient.from_file(config) as wallet:
        fetched = wallet.issuance.top_up(document, copies)
    err.print(f"{fetched} bản sao mới · new copies")


def add_offer_commands(wallet_app: App) -> None:
    """Put these commands below `giayto wallet`."""
    wallet_app.command(offers)
    wallet_app.command(accept_offer, name="accept-offer")
    wallet_app.command(fetch)
    wallet_app.command(top_up, name="top-up")


def _link(offer: str) -> str:
    if offer.startswith(f"{OFFER_SCHEME}:"):
        return offer
    if offer == "-":
        return sys.stdin.readline().strip()
    if Path(offer).suffix.lower() in PICTURE_SUFFIXES:
        return read_qr(Path(offer))
    try:
        return Path(offer).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"offer: a link that begins with {OFFER_SCHEME}:// or a file with one") from error


def _ask_tx_code(offer: CredentialOffer) -> str:
    # Never an argument: arguments are seen by every process of the machine.
    if sys.stdin.isatty():
        if offer.tx_code_description:
            err.print(safe(offer.tx_code_description))
        err.print("Mã PIN · code: ", end="")
    tx_code = sys.stdin.readline().strip()
    if not tx_code:
        raise ConfigurationError("offer: the code that came another way is expected on standard input")
    return tx_code


def _say_fetched(detail: WalletDocumentDetail) -> None:
    titles = detail.titles
    title = detail.document_type if titles is None else f"{titles.vi} · {titles.en}"
    print_entry(detail.document_id, title, f"{len(detail.credentials)} bản sao · copies")


def _print_offer(offer: OfferedDocument) -> None:
    titles = offer.titles
    title = offer.document_type if titles is None else f"{titles.vi} · {titles.en}"
    state = "đã nhận · fetched" if offer.fetched else "chờ nhận · to be fetched"
    print_entry(offer.document_id, title, f"{offer.agency_id}, {state}")
