"""What can be wrong with an enrolment or a session."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class IdentityProviderMissingError(ProblemError):
    """This installation has no identity provider, so nobody can enrol."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "identity_provider_missing"
    message_vi = "Hệ thống chưa kết nối với nơi xác thực danh tính."
    message_en = "This installation is not connected to an identity provider."


class HolderKindMismatchError(ProblemError):
    """The login is of a person and the wallet asked for is an organisation's, or the other way round."""

    status = HTTPStatus.CONFLICT
    code = "holder_kind_mismatch"
    message_vi = "Loại chủ thể của ví không khớp với danh tính đã đăng nhập."
    message_en = "The kind of holder does not fit the identity that logged in."


class DeviceKeyTakenError(ProblemError):
    """The device key belongs to a device of another wallet."""

    status = HTTPStatus.CONFLICT
    code = "device_key_taken"
    message_vi = "Khóa của thiết bị đã được dùng; hãy tạo khóa mới."
    message_en = "The device key is in use; make a new one."


class TooManyDevicesError(ProblemError):
    """The wallet has as many devices as it may have."""

    status = HTTPStatus.CONFLICT
    code = "too_many_devices"
    message_vi = "Ví đã có đủ số thiết bị cho phép; hãy gỡ một thiết bị cũ."
    message_en = "The wallet has as many devices as it may have; remove one first."


class UnknownDeviceError(ProblemError):
    """No device with this identifier has this key. The client enrols again."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unknown_device"
    message_vi = "Thiết bị chưa được đăng ký hoặc đã bị gỡ; hãy đăng ký lại."
    message_en = "The device is not enrolled, or was removed; enrol it again."
