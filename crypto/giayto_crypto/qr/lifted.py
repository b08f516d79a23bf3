"""Mode 0: any SD-JWT presentation, its base64url parts lifted to bytes and deflated (docs/qr.md §5).

For credentials whose JSON does not follow the giayto profile. Larger than mode 1, and needs no verifier bundle.
"""

from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError
from giayto_crypto.keys import SIGNATURE_BYTES
from giayto_crypto.qr.compression import deflate, inflate
from giayto_crypto.qr.fields import FieldReader, FieldWriter
from giayto_crypto.sdjwt.token import SEPARATOR

_JWS_PARTS = 3


def pack_lifted(presentation: str) -> bytes:
    """Pack a presentation whose parts are all canonical base64url.

    Raises:
        MalformedError: a part is not.
    """
    token, *disclosures, key_binding = presentation.split(SEPARATOR)
    tokens = [token, key_binding] if key_binding else [token]
    text, out = FieldWriter(), FieldWriter()
    out.unsigned(len(disclosures) << 1 | len(tokens) - 1)
    for jws in tokens:
        header, payload, signature = _split(jws)
        out.raw(signature)
        _append(text, header)
        _append(text, payload)
    for disclosure in disclosures:
        _append(text, b64url.decode(disclosure))
    out.raw(deflate(bytes(text.data)))
    return bytes(out.data)


def unpack_lifted(reader: FieldReader) -> str:
    """Rebuild the presentation; the mirror of `pack_lifted`."""
    counts = reader.unsigned()
    signatures = [reader.take(SIGNATURE_BYTES) for _ in range(1 + (counts & 1))]
    inflated, rest = inflate(reader.rest())
    if rest:
        raise MalformedError("QR: something follows its end")
    text = FieldReader(inflated)
    tokens = [".".join(map(b64url.encode, (_read(text), _read(text), signature))) for signature in signatures]
    disclosures = [b64url.encode(_read(text)) for _ in range(counts >> 1)]
    if text.rest():
        raise MalformedError("QR: its text is longer than announced")
    key_binding = tokens[1] if len(tokens) > 1 else ""
    return SEPARATOR.join((tokens[0], *disclosures, key_binding))


def _split(jws: str) -> tuple[bytes, bytes, bytes]:
    parts = jws.split(".")
    if len(parts) != _JWS_PARTS:
        raise MalformedError("token: three parts separated by dots are expected")
    header, payload, signature = map(b64url.decode, parts)
    if len(signature) != SIGNATURE_BYTES:
        raise MalformedError("token: an ES256 signature has 64 bytes")
    return header, payload, signature


def _append(text: FieldWriter, part: bytes) -> None:
    text.unsigned(len(part))
    text.raw(part)


def _read(text: FieldReader) -> bytes:
    return text.take(text.unsigned())
