"""`giayto issuer hosted-signing`: whether the operator may sign for an agency."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from giayto_sdk._issuing.hosted_signing import ChosenCertificate, certificate_sha256
from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk.cli.arguments import AgencyConfigFile, AsJson
from giayto_sdk.cli.json_output import write_json_array
from giayto_sdk.cli.terminal import err, local_time, print_entries, print_entry
from giayto_sdk.errors import ConfigurationError

hosted_signing_app = App(name="hosted-signing", help="Let the operator sign for the agency, or take that back.")

CertificateFile = Annotated[Path | None, Parameter(help="The certificate, or its chain with the leaf first (PEM).")]
Fingerprint = Annotated[
    str | None, Parameter(name="--sha256", help="In its place: SHA-256 of the certificate (DER), hexadecimal.")
]


@hosted_signing_app.command
def show(*, config: AgencyConfigFile, as_json: AsJson = False) -> None:
    """List the certificates with whose keys the operator may sign for the agency."""
    with Issuer.from_file(config) as issuer:
        chosen = issuer.hosted_signing.chosen()
    _list(chosen, as_json=as_json)


@hosted_signing_app.command
def choose(*, config: AgencyConfigFile, certificate: CertificateFile = None, sha256: Fingerprint = None) -> None:
    """Let the operator sign with the key of a certificate, which the trust list has entered for the agency."""
    with Issuer.from_file(config) as issuer:
        _list(issuer.hosted_signing.choose(_leaf_sha256(certificate, sha256)), as_json=False)


@hosted_signing_app.command
def withdraw(*, config: AgencyConfigFile, certificate: CertificateFile = None, sha256: Fingerprint = None) -> None:
    """Take it back, at once. What was signed before stays valid; deposits wait until another is chosen."""
    with Issuer.from_file(config) as issuer:
        issuer.hosted_signing.withdraw(_leaf_sha256(certificate, sha256))
    err.print("Đã thôi cho ký thay. · Taken back.")


def _leaf_sha256(certificate: Path | None, sha256: str | None) -> str:
    if (certificate is None) == (sha256 is None):
        raise ConfigurationError("arguments: exactly one of --certificate and --sha256 is needed")
    return certificate_sha256(certificate) if certificate is not None else str(sha256).replace(":", "").lower()


def _list(chosen: tuple[ChosenCertificate, ...], *, as_json: bool) -> None:
    if as_json:
        write_json_array(map(msgspec.to_builtins, chosen))
    else:
        print_entries(chosen, _print_certificate)


def _print_certificate(certificate: ChosenCertificate) -> None:
    print_entry(certificate.leaf_sha256, f"đã chọn · chosen {local_time(certificate.chosen_at)}")
