"""An SD-JWT as it arrives: read, not verified (RFC 9901 §4)."""

from collections.abc import Iterable
from typing import Self

import msgspec

from giayto_crypto import jws
from giayto_crypto.errors import MalformedError
from giayto_crypto.sdjwt.disclosure import Disclosure

TYP = "dc+sd-jwt"
SEPARATOR = "~"
MAX_PRESENTATION_BYTES = 64 * 1024
MAX_CREDENTIAL_BYTES = 512 * 1024
"""A health book of many visits is long as a whole; what is shown of it stays below `MAX_PRESENTATION_BYTES`."""


class UnverifiedSdJwt(msgspec.Struct, frozen=True):
    """An SD-JWT or SD-JWT+KB that follows the grammar; neither signatures nor digests have been checked."""

    jws: jws.UnverifiedJws
    disclosures: tuple[Disclosure, ...]
    key_binding: str | None
    sd_jwt: str
    """The text up to and including the last `~`: what `sd_hash` covers."""

    @classmethod
    def parse(cls, text: str, *, typ: str = TYP, max_bytes: int = MAX_PRESENTATION_BYTES) -> Self:
        """Read `<JWS>~<disclosure>~…~[<key-binding JWT>]`.

        Args:
            text: the compact serialisation.
            typ: the only `typ` of the issuer-signed JWT that is accepted.
            max_bytes: longest text that is read.

        Raises:
            MalformedError: not of this grammar, or too long.
            DisclosureError: a part is not a disclosure.
        """
        if len(text) > max_bytes or not text.isascii():
            raise MalformedError(f"SD-JWT: at most {max_bytes} ASCII characters are read", limit=max_bytes)
        if SEPARATOR not in text:
            raise MalformedError("SD-JWT: parts are separated by ~, and there is at least one")
        token, *encoded_disclosures, last = text.split(SEPARATOR)
        return cls(
            jws=jws.parse(token, typ=typ),
            disclosures=Disclosure.parse_all(encoded_disclosures),
            key_binding=last or None,
            sd_jwt=text[: len(text) - len(last)],
        )

    @classmethod
    def parse_issued(cls, text: str, *, typ: str = TYP) -> Self:
        """Read what an issuer hands out: no key binding yet (RFC 9901 §7.2: holders refuse one), and possibly long."""
        issued = cls.parse(text, typ=typ, max_bytes=MAX_CREDENTIAL_BYTES)
        if issued.key_binding is not None:
            raise MalformedError("SD-JWT: an issued credential carries no key-binding JWT")
        return issued

    def with_disclosures(self, disclosures: Iterable[Disclosure]) -> Self:
        """Return the same credential with these of its disclosures alone, and without key binding."""
        kept = tuple(disclosures)
        sd_jwt = join_sd_jwt(self.jws.token, (disclosure.encoded for disclosure in kept))
        return type(self)(jws=self.jws, disclosures=kept, key_binding=None, sd_jwt=sd_jwt)

    def __str__(self) -> str:
        return self.sd_jwt + (self.key_binding or "")


def join_sd_jwt(token: str, encoded_disclosures: Iterable[str]) -> str:
    """Join a JWS and encoded disclosures; the result ends with `~`."""
    return SEPARATOR.join((token, *encoded_disclosures, ""))
