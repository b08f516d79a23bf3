"""What lies on a bank's counter: a verifier bundle, the pinned root, and the picture of a QR that a customer shows."""

from datetime import datetime
from pathlib import Path

from giayto_crypto import qr
from giayto_sdk._pictures.drawing import draw_qr
from trust_scheme.scheme import NOW, Scheme

CHECKED_AT: datetime = NOW
"""When the customer stands there; ten seconds after the phone signed."""


def lay_out(folder: Path) -> Scheme:
    """Write `bundle.jwt`, `root.pem` and `presentation.png` into `folder`; return what signed them."""
    scheme = Scheme()
    (folder / "bundle.jwt").write_text(scheme.bundle_token())
    (folder / "root.pem").write_bytes(scheme.root.pem)
    (folder / "presentation.png").write_bytes(draw_qr(qr.pack(scheme.presentation())).png())
    return scheme
