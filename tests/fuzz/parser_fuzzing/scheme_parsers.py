"""What the trust scheme publishes, and receipts: status lists, trust lists, verifier bundles."""

from collections.abc import Callable, Hashable, Iterator

from catalogue_editions import ISSUED, edition, entry
from giayto_crypto import b64url, bundle, catalogue_edition, status_list, trust_list
from giayto_crypto.status_list import StatusList, StatusListBuilder
from giayto_verifiers import ReceiptHolds, ReceiptRefused, check_receipt
from parser_fuzzing import material
from parser_fuzzing.examining import Parser
from parser_fuzzing.material import as_text
from parser_fuzzing.sdjwt_parsers import Refused
from trust_scheme import NOW, Certified
from trust_scheme.scheme import STATUS_URI

RECEIPT_TYP = "giayto-receipt+jwt"
VERIFIER = "https://bank.example"


def made() -> Iterator[Parser]:
    """Yield the parsers of this module."""
    stage = material.stage()
    packed = [StatusListBuilder(size=64, bits=bits).build().to_lst() for bits in (1, 2, 4, 8)]
    yield Parser("status list bits", read_list_bits, tuple(b64url.decode(lst) for lst in packed))
    yield from _certified(
        "status list", read_status_list, stage.status_list_token([(5, 1)]), status_list.TYP, stage.status_lister
    )
    yield from _certified("trust list", read_trust_list, stage.trust_list_token(), trust_list.TYP, stage.trust_lister)
    yield from _certified("bundle", read_bundle, material.bundle_token(), bundle.TYP, stage.bundler)
    catalogue = material.cataloguer()
    yield from _certified(
        "catalogue edition",
        read_edition,
        catalogue_edition.sign_edition(edition(entry("referral")), signer=catalogue.signer, x5c=catalogue.x5c),
        catalogue_edition.TYP,
        catalogue,
    )
    receipt = material.judged(material.presentation()).receipt(
        material.BANK, material.TRANSACTION, verifier=VERIFIER, purpose=material.PURPOSE
    )
    yield Parser("receipt", read_receipt, (receipt.token.encode(),), signed=(receipt.token.encode(),))
    contents = material.nothing_believed(read_receipt, {"typ": RECEIPT_TYP}, material.BANK)
    yield Parser("receipt, contents", contents, (material.payload_of(receipt.token),))


def read_list_bits(data: bytes) -> None:
    """Inflate any list."""
    read = StatusList.from_lst(b64url.encode(data), 2)
    read.status(0)


def read_status_list(data: bytes) -> Hashable:
    """Verify a status list token."""
    read = status_list.verify_status_list(as_text(data), uri=STATUS_URI, anchors=material.stage().anchors, now=NOW)
    return read.statuses, read.issued_at, read.expires_at, read.ttl


def read_trust_list(data: bytes) -> Hashable:
    """Verify a trust list."""
    return repr(trust_list.verify_trust_list(as_text(data), material.stage().anchors, NOW))


def read_bundle(data: bytes) -> Hashable:
    """Verify a verifier bundle with all that is in it."""
    read = bundle.verify_bundle(as_text(data), material.stage().anchors, NOW)
    lists = sorted((uri, one.statuses.packed) for uri, one in read.status_lists.items())
    return repr(read.trust_list), repr(read.catalogue.entries), repr(lists), read.sequence, read.expires_at


def read_edition(data: bytes) -> Hashable:
    """Verify an edition of the catalogue."""
    return repr(catalogue_edition.verify_edition(as_text(data), material.stage().anchors, ISSUED))


def read_receipt(data: bytes) -> Hashable:
    """Check a receipt. It is refused by its result, never by an error."""
    result = check_receipt(
        as_text(data),
        anchors=material.stage().anchors,
        verifier_key=material.BANK.public_key,
        verifier=VERIFIER,
        transaction=material.TRANSACTION,
    )
    if isinstance(result, ReceiptRefused) or not isinstance(result, ReceiptHolds):
        raise Refused(result.result)
    return repr(result.statement.to_json())


def _certified(name: str, read: Callable[[bytes], Hashable], token: str, typ: str, by: Certified) -> Iterator[Parser]:
    def read_contents(payload: bytes) -> None:
        read(material.certified_as_is(payload, typ, by).encode())

    yield Parser(name, read, (token.encode(),), signed=(token.encode(),))
    yield Parser(f"{name}, contents", read_contents, (material.payload_of(token),))
