"""What can be wrong with the registration of holder keys."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class HolderKeyProofError(ProblemError):
    """A proof does not show possession of its key for this API, now."""

    code = "holder_key_proof_invalid"
    message_vi = "Bằng chứng giữ khóa không hợp lệ."
    message_en = "The proof of possession of a holder key is not valid."


class HolderKeyNonceError(ProblemError):
    """The nonce is unknown, used, expired, or was given to another device. The client asks for a new one."""

    code = "invalid_nonce"
    retryable = True
    message_vi = "Giá trị một lần không còn hiệu lực; hãy lấy giá trị mới."
    message_en = "The nonce is no longer good; ask for a new one."


class HolderKeyTakenError(ProblemError):
    """A key is registered for another device."""

    status = HTTPStatus.CONFLICT
    code = "holder_key_taken"
    message_vi = "Khóa đã được đăng ký cho thiết bị khác; hãy tạo khóa mới."
    message_en = "The key is registered for another device; make a new one."


class HolderKeyPoolFullError(ProblemError):
    """The device has as many holder keys as it may have."""

    status = HTTPStatus.CONFLICT
    code = "holder_key_pool_full"
    message_vi = "Thiết bị đã có đủ số khóa cho phép."
    message_en = "The device has as many holder keys as it may have."
