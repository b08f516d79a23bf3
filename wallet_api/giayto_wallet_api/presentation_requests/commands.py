"""What an operator does for verifiers, as commands of `giayto-wallet-api`."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography import x509
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.dcql import ClaimPath
from giayto_crypto.keys import PublicKey
from giayto_crypto.localised import Localised
from giayto_issuers.document_type.loading import load_builtin_types
from giayto_verifiers.requests import Purpose
from giayto_wallet_api.agencies.registration import AlreadyRegisteredError
from giayto_wallet_api.presentation_requests import registration
from giayto_wallet_api.presentation_requests.problems import TypeNotAllowedError

Work = Callable[[AsyncConnection], Awaitable[None]]


def add_registering(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `register-verifier`."""
    _add_verifier(parser)
    parser.add_argument("--name-vi", required=True, help="what holders read before consent")
    parser.add_argument("--name-en", required=True)
    parser.add_argument(
        "--domain", dest="domains", action="append", default=[], help="one of its own domains; may be repeated"
    )
    parser.add_argument("--key", type=Path, required=True, help="P-256 public key of its system, PEM")


def add_certifying(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `register-verifier-certificate`."""
    _add_verifier(parser)
    parser.add_argument("--chain", type=Path, required=True, help="PEM, leaf first, root left out")


def add_permitting(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `permit-verifier`."""
    _add_verifier(parser)
    parser.add_argument("--purpose", required=True, help="code of a purpose that the document type names")
    parser.add_argument("--purpose-vi", help="in words, for a purpose that is new")
    parser.add_argument("--purpose-en")
    parser.add_argument("--type", dest="vct", required=True, help="vct of the document type")
    parser.add_argument(
        "--claim", dest="claims", action="append", default=[], help="such as full_name or visits[*].date; repeatable"
    )


def registering(options: argparse.Namespace, key: PublicKey, *, now: datetime) -> Work:
    """Return the work of `register-verifier`."""

    async def work(tx: AsyncConnection) -> None:
        names = Localised(vi=options.name_vi, en=options.name_en)
        await registration.register_verifier(
            tx, verifier_id=options.verifier, names=names, domains=options.domains, now=now
        )
        await registration.add_verifier_key(tx, verifier_id=options.verifier, key=key, now=now)

    return work


def certifying(options: argparse.Namespace, anchors: Sequence[x509.Certificate], *, now: datetime) -> Work:
    """Return the work of `register-verifier-certificate`."""
    chain = x509.load_pem_x509_certificates(options.chain.read_bytes())

    async def work(tx: AsyncConnection) -> None:
        await registration.add_verifier_certificate(
            tx, verifier_id=options.verifier, chain=chain, anchors=anchors, now=now
        )

    return work


def permitting(options: argparse.Namespace, *, now: datetime) -> Work:
    """Return the work of `permit-verifier`."""
    document_type = load_builtin_types().find(options.vct)
    if document_type is None:
        raise TypeNotAllowedError("there is no such document type")

    async def work(tx: AsyncConnection) -> None:
        if options.purpose_vi and options.purpose_en:
            purpose = Purpose(code=options.purpose, vi=options.purpose_vi, en=options.purpose_en)
            with suppress(AlreadyRegisteredError):  # its words stay as they are
                await registration.add_purpose(tx, verifier_id=options.verifier, purpose=purpose, now=now)
        await registration.permit(
            tx,
            verifier_id=options.verifier,
            purpose=options.purpose,
            document_type=document_type,
            claims=[read_path(text) for text in options.claims],
            now=now,
        )

    return work


def read_path(text: str) -> ClaimPath:
    """Read `full_name` or `visits[*].date`."""
    return tuple(None if step == "*" else step for step in text.replace("[*]", ".*").split("."))


def _add_verifier(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--verifier", required=True, help="its identifier, such as bank-a")
