"""How a run of the sandbox fails when everything works but the result is not the one that it must be."""

from giayto_crypto.errors import GiaytoError


class LoopError(GiaytoError):
    """The loop did not come to the end that it must come to."""

    code = "loop_failed"
    message_vi = "Vòng thử nghiệm không cho kết quả như mong đợi."
    message_en = "The loop did not give the expected result."
