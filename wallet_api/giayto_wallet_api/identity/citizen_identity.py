"""What the wallet learns from an identity provider, whichever provider it is."""

from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from giayto_issuers.subjects import Subject
from giayto_wallet_api.problems import ProblemError


class IdentityRefusedError(ProblemError):
    """An ID token does not prove who asks: not authentic, not for us, not fresh, or for another device."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity_refused"
    message_vi = "Không xác thực được danh tính; hãy đăng nhập lại."
    message_en = "The identity could not be established; log in again."


@dataclass(frozen=True, slots=True)
class CitizenIdentity:
    """A person or organisation as the identity provider vouches for it.

    Args:
        subject: personal number or tax code.
        full_name: the person's full name, or the organisation's name.
        birth_date: `YYYY-MM-DD`; None for organisations.
    """

    subject: Subject
    full_name: str = field(repr=False)
    birth_date: str | None = field(repr=False)


class IdentityProvider(Protocol):
    """A source of verified identities: the sandbox provider in development, VNeID through an adapter."""

    async def verify(self, id_token: str, *, nonce: str, now: datetime) -> CitizenIdentity:
        """Return who logged in.

        Args:
            id_token: as the phone received it.
            nonce: what the login must have been bound to; enrolment uses the thumbprint of the device key.
            now: time of the check, aware.

        Raises:
            IdentityRefusedError: the token proves nothing here.
        """
        ...
