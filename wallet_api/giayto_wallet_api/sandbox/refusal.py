"""The sandbox's answer where it must not be used."""

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.settings import Mode


class SandboxRefusedError(GiaytoError):
    """The sandbox's authority, agencies or people were asked for outside sandbox mode."""

    code = "sandbox_refused"
    message_vi = "Môi trường thử nghiệm không được dùng trong hệ thống thật."
    message_en = "The sandbox must not be used in production."


def require_sandbox(mode: Mode) -> None:
    """Raise SandboxRefusedError unless `mode` is the sandbox's."""
    if mode is not Mode.SANDBOX:
        raise SandboxRefusedError("set GIAYTO_MODE=sandbox on a development machine, or leave the sandbox out")
