"""Token Status List (draft-ietf-oauth-status-list-21): one small number per credential, in one signed token.

`StatusListBuilder` renders a list from rows, `sign_status_list` makes the token, `verify_status_list` reads one.
A list says what was true when it was signed; how old that may be is the verifier's policy.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Annotated, Literal, Self

import msgspec
from cryptography import x509

from giayto_crypto import b64url
from giayto_crypto.certificates import STATUS_LIST
from giayto_crypto.certified_jws import (
    LAST_SECOND,
    NumericDate,
    from_numeric,
    sign_certified,
    to_numeric,
    verify_certified,
)
from giayto_crypto.errors import StatusListError
from giayto_crypto.keys import Signer

TYP = "statuslist+jwt"
DEFAULT_SIZE = 2**20
"""Entries of one list: enough for herd privacy, 16 KiB when 1 % are revoked."""
DEFAULT_BITS = 2
MAX_LIST_BYTES = 4 * 1024 * 1024
"""Most bytes that a list may inflate to: a zlib bomb stops here."""
MAX_TOKEN_BYTES = 8 * 1024 * 1024
MIN_TTL = timedelta(minutes=1)
MAX_TTL = timedelta(days=1)
DEFAULT_TTL = timedelta(hours=1)
MAX_LIFETIME = timedelta(days=31)
"""A list that names no end, or a later one, ends this long after it was issued."""
_ISSUED_AHEAD = timedelta(minutes=1)
_WIDTHS = (1, 2, 4, 8)


class StatusValue(IntEnum):
    """Status types of §7.1; `CONSUMED` is the application-specific 0x03: a single-use document that was used."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2
    CONSUMED = 3


class StatusListExpiredError(StatusListError):
    """The list's own end has passed, or its issue time has not come yet: it makes no statement now."""

    code = "status_list_expired"
    retryable = True
    message_vi = "Danh sách trạng thái đã hết hạn; hãy cập nhật."
    message_en = "The status list is out of date; refresh it."


class StatusIndexError(StatusListError):
    """The credential's index lies outside the list: it must be refused (§8.3, step 6)."""

    code = "status_index_out_of_range"
    message_vi = "Giấy tờ trỏ tới vị trí không có trong danh sách trạng thái."
    message_en = "The document refers to a place that its status list does not have."


@dataclass(frozen=True, slots=True)
class StatusList:
    """Statuses packed from the least significant bit of the first byte (§4.1)."""

    bits: int
    packed: bytes

    def __post_init__(self) -> None:
        if self.bits not in _WIDTHS:
            raise StatusListError("status list: bits must be 1, 2, 4 or 8")

    def __len__(self) -> int:
        return len(self.packed) * 8 // self.bits

    def status(self, idx: int) -> int:
        """Return the status at `idx`; compare it with `StatusValue`.

        Raises:
            StatusIndexError: negative, or beyond the end.
        """
        bits = self.bits
        position = idx * bits
        try:
            # A negative index would count from the end.
            byte = self.packed[position >> 3 if idx >= 0 else len(self.packed)]
        except IndexError as error:
            raise StatusIndexError("status list: the index is out of range", size=len(self)) from error
        return byte >> (position & 7) & (1 << bits) - 1

    def to_lst(self) -> str:
        """Return the member `lst`: base64url of the ZLIB form."""
        return b64url.encode(zlib.compress(self.packed, level=9))

    @classmethod
    def from_lst(cls, lst: str, bits: int) -> Self:
        """Read the member `lst`, inflating at most `MAX_LIST_BYTES`.

        Raises:
            StatusListError: not ZLIB, cut off, followed by something, or too large.
            MalformedError: not base64url.
        """
        inflater = zlib.decompressobj()
        try:
            packed = inflater.decompress(b64url.decode(lst), MAX_LIST_BYTES + 1)
        except zlib.error as error:
            raise StatusListError("status list: lst is not ZLIB data") from error
        if len(packed) > MAX_LIST_BYTES:
            raise StatusListError(f"status list: more than {MAX_LIST_BYTES} bytes", limit=MAX_LIST_BYTES)
        if not inflater.eof or inflater.unused_data:
            raise StatusListError("status list: lst is cut off or followed by something")
        return cls(bits=bits, packed=packed)


class StatusListBuilder:
    """A list under construction, all entries valid at first.

    >>> builder = StatusListBuilder(size=16, bits=2)
    >>> builder.update([(3, StatusValue.INVALID), (5, StatusValue.SUSPENDED)])
    >>> builder.build().status(3)
    1
    """

    __slots__ = ("_bits", "_packed", "_size")

    def __init__(self, size: int = DEFAULT_SIZE, bits: int = DEFAULT_BITS) -> None:
        """Start a list of `size` entries; sizes that do not fill a byte are rounded up.

        Raises:
            StatusListError: a width other than 1, 2, 4, 8, or a size that no reader would accept.
        """
        if bits not in _WIDTHS:
            raise StatusListError("status list: bits must be 1, 2, 4 or 8")
        length = (size * bits + 7) // 8
        if not 1 <= length <= MAX_LIST_BYTES:
            raise StatusListError(f"status list: between 1 and {MAX_LIST_BYTES} bytes are possible")
        self._bits = bits
        self._size = size
        self._packed = bytearray(length)

    @classmethod
    def continuing(cls, statuses: StatusList) -> Self:
        """Start from an earlier list, so that only what changed since need be set."""
        builder = cls(size=len(statuses), bits=statuses.bits)
        builder._packed[:] = statuses.packed
        return builder

    def set(self, idx: int, status: int) -> None:
        """Set one entry; see `update`."""
        self.update(((idx, status),))

    def update(self, entries: Iterable[tuple[int, int]]) -> None:
        """Set many entries from (index, status) pairs, such as database rows.

        Raises:
            StatusIndexError: an index outside the list.
            StatusListError: a status that does not fit the width.
        """
        bits, packed, size, mask = self._bits, self._packed, self._size, (1 << self._bits) - 1
        for idx, status in entries:
            if not 0 <= idx < size:
                raise StatusIndexError("status list: the index is out of range", size=size)
            if not 0 <= status <= mask:
                raise StatusListError(f"status list: the status does not fit {bits} bits")
            position = idx * bits
            shift = position & 7
            packed[position >> 3] = packed[position >> 3] & ~(mask << shift) | status << shift

    def build(self) -> StatusList:
        """Return the list as it is now."""
        return StatusList(bits=self._bits, packed=bytes(self._packed))


@dataclass(frozen=True, slots=True)
class VerifiedStatusList:
    """A list whose token is authentic; whether it is fresh enough is for the verifier's policy."""

    uri: str
    statuses: StatusList
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta

    def status(self, idx: int) -> int:
        """Return the status at `idx`; StatusIndexError when it is out of range."""
        return self.statuses.status(idx)

    def require_current(self, now: datetime) -> None:
        """Refuse a list outside its own period (§8.3, step 4c).

        Raises:
            StatusListExpiredError: `now` is at or after its end, or more than a minute before it was issued.
        """
        if now >= self.expires_at:
            raise StatusListExpiredError("status list: its end has passed")
        if self.issued_at - now > _ISSUED_AHEAD:
            raise StatusListExpiredError("status list: issued in the future; check the clock")

    def refresh_after(self, fetched_at: datetime) -> datetime:
        """Return when a copy fetched at that time should be replaced (§13.7: `ttl` counts from the fetch)."""
        return min(fetched_at + self.ttl, self.expires_at)


def sign_status_list(
    statuses: StatusList,
    *,
    uri: str,
    issued_at: datetime,
    expires_at: datetime,
    ttl: timedelta,
    signer: Signer,
    x5c: Sequence[bytes],
    aggregation_uri: str | None = None,
) -> str:
    """Make a status list token (§5.1).

    Args:
        statuses: what to sign.
        uri: exactly the `uri` that credentials of this list carry.
        issued_at, expires_at: aware times; whole seconds are kept.
        ttl: how long a copy may be used before a new one should be fetched.
        signer, x5c: key and certificate chain (DER, leaf first) with the STATUS_LIST purpose.
        aggregation_uri: where the list of all lists is.
    """
    members: dict[str, int | str] = {"bits": statuses.bits, "lst": statuses.to_lst()}
    if aggregation_uri is not None:
        members["aggregation_uri"] = aggregation_uri
    payload = {
        "sub": uri,
        "iat": to_numeric(issued_at),
        "exp": to_numeric(expires_at),
        "ttl": int(ttl.total_seconds()),
        "status_list": members,
    }
    return sign_certified(payload, typ=TYP, signer=signer, x5c=x5c)


def verify_status_list(
    token: str, *, uri: str, anchors: Sequence[x509.Certificate], now: datetime
) -> VerifiedStatusList:
    """Check a status list token for one `uri` at `now` (§8.3, steps 3 to 5).

    Raises:
        StatusListExpiredError: authentic, but its end has passed or its time has not come.
        StatusListError: another `sub`, or a list that cannot be read.
        MalformedError, CertificateError, SignatureInvalidError: the token is not authentic.
    """
    verified = authenticate_status_list(token, anchors=anchors, now=now)
    if verified.uri != uri:
        raise StatusListError("status list: sub is not the uri that was asked for")
    verified.require_current(now)
    return verified


def authenticate_status_list(token: str, *, anchors: Sequence[x509.Certificate], now: datetime) -> VerifiedStatusList:
    """Check who signed a token and read it, without asking whether it is current; see `verify_status_list`."""
    claims = verify_certified(
        token, _Claims, typ=TYP, purpose=STATUS_LIST, anchors=anchors, now=now, max_bytes=MAX_TOKEN_BYTES
    )
    return VerifiedStatusList(
        uri=claims.sub,
        statuses=StatusList.from_lst(claims.status_list.lst, claims.status_list.bits),
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
        ttl=claims.clamped_ttl,
    )


class _Members(msgspec.Struct, frozen=True):
    bits: Literal[1, 2, 4, 8]
    lst: str
    aggregation_uri: str | None = None


class _Claims(msgspec.Struct, frozen=True):
    """Claims of §5.1; others may be there and mean nothing here."""

    sub: str
    iat: NumericDate
    status_list: _Members
    exp: NumericDate | None = None
    ttl: Annotated[float, msgspec.Meta(gt=0)] | None = None

    @property
    def issued_at(self) -> datetime:
        return from_numeric(self.iat)

    @property
    def expires_at(self) -> datetime:
        latest = min(self.iat + int(MAX_LIFETIME.total_seconds()), LAST_SECOND)
        return from_numeric(latest if self.exp is None else min(self.exp, latest))

    @property
    def clamped_ttl(self) -> timedelta:
        if self.ttl is None:
            return DEFAULT_TTL
        seconds = min(max(self.ttl, MIN_TTL.total_seconds()), MAX_TTL.total_seconds())
        return timedelta(seconds=seconds)
