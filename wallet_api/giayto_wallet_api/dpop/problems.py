"""What can be wrong with a DPoP proof or a DPoP-bound token."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class DpopProofError(ProblemError):
    """The proof is absent, malformed, for another request, too old or was seen before (RFC 9449 §4.3)."""

    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_dpop_proof"
    message_vi = "Bằng chứng giữ khóa của thiết bị hoặc hệ thống không hợp lệ."
    message_en = "The proof of possession is not valid for this request."

    def response_headers(self) -> dict[str, str]:
        """The challenge of RFC 9449 §7.1."""
        return {"WWW-Authenticate": f'DPoP error="{self.code}", algs="ES256"'}


class UseDpopNonceError(DpopProofError):
    """A nonce of this server is needed in the proof: the answer carries one, repeat the request with it (§8)."""

    code = "use_dpop_nonce"
    retryable = True
    message_vi = "Hãy gửi lại yêu cầu với giá trị một lần của máy chủ."
    message_en = "Repeat the request with the server's nonce."

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        super().__init__("put the value of the DPoP-Nonce header into the proof's nonce claim")

    def response_headers(self) -> dict[str, str]:
        """The challenge and the nonce."""
        return {**super().response_headers(), "DPoP-Nonce": self.nonce}


class InvalidTokenError(ProblemError):
    """The access token is absent, not ours, expired or bound to another key (RFC 6750 §3.1)."""

    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_token"
    message_vi = "Phiên làm việc không hợp lệ hoặc đã hết hạn."
    message_en = "The access token is not valid or has expired."

    def response_headers(self) -> dict[str, str]:
        """The challenge of RFC 9449 §7.1."""
        return {"WWW-Authenticate": f'DPoP error="{self.code}", algs="ES256"'}
