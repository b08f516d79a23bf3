"""What can be wrong with an answer to an offer."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class VersionChangedError(ProblemError):
    """The agency has sent another version since the citizen looked."""

    status = HTTPStatus.CONFLICT
    code = "document_version_changed"
    message_vi = "Giấy tờ vừa có phiên bản mới; hãy xem lại trước khi trả lời."
    message_en = "The document has a new version; look at it before you answer."
