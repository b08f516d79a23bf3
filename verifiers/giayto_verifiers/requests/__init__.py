"""Asking a wallet and judging its answer: OpenID4VP 1.0, without network, disk or clock (docs/openid4vp.md).

request = new_request(identity, query=…, response_uri=…, purpose=…, now=now)
request_object(request, identity, now=now)             # what `request_uri` serves
answer = read_response(form, request)                  # what arrives at `response_uri`
judge_answer(answer, request, bundle=…, policy=…, now=now)
"""

from giayto_verifiers.requests.answers import (
    AnswerVerdict,
    CheckedPresentation,
    InvalidAnswer,
    UnknownAnswer,
    ValidAnswer,
)
from giayto_verifiers.requests.identity import ClientIdPrefix, VerifierIdentity
from giayto_verifiers.requests.judging import judge_answer
from giayto_verifiers.requests.queries import asks_for_more, require_askable, required_claims_not_asked, simple_query
from giayto_verifiers.requests.request import (
    PresentationRequest,
    Purpose,
    RequestError,
    authorization_link,
    new_request,
    request_object,
)
from giayto_verifiers.requests.response import (
    MAX_RESPONSE_BYTES,
    ResponseError,
    VpToken,
    WalletRefusal,
    read_form,
    read_response,
)
from giayto_verifiers.requests.transaction_data import encode_transaction_data, transaction_data_hash

__all__ = [
    "MAX_RESPONSE_BYTES",
    "AnswerVerdict",
    "CheckedPresentation",
    "ClientIdPrefix",
    "InvalidAnswer",
    "PresentationRequest",
    "Purpose",
    "RequestError",
    "ResponseError",
    "UnknownAnswer",
    "ValidAnswer",
    "VerifierIdentity",
    "VpToken",
    "WalletRefusal",
    "asks_for_more",
    "authorization_link",
    "encode_transaction_data",
    "judge_answer",
    "new_request",
    "read_form",
    "read_response",
    "request_object",
    "require_askable",
    "required_claims_not_asked",
    "simple_query",
    "transaction_data_hash",
]
