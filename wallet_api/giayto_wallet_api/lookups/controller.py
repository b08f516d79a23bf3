"""`POST /issuer/v1/holder-keys/lookup`."""

from typing import Annotated

from litestar import Controller, post
from litestar.params import BodyKwarg

from giayto_wallet_api.agencies.authority import TypeForbiddenError
from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.lookups.schemas import LookupAnswer, LookupRequest
from giayto_wallet_api.lookups.service import look_up
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, TooManyRequestsError
from giayto_wallet_api.runtime import RuntimeDependency

_MAX_BODY_BYTES = 1024 * 1024
_QUESTION = {
    "document_type": "urn:giayto:type:health-book:1",
    "subjects": [
        {"kind": "person", "id": "001099000017", "full_name": "Nguyễn Thị Ánh", "birth_date": "1999-04-30"},
        {"kind": "person", "id": "001301000025", "full_name": "Trần Đức Hòa", "birth_date": "2001-12-01"},
        {"kind": "person", "id": "079085000033", "full_name": "Lê Văn Tám", "birth_date": "1985-01-02"},
    ],
}
_ANSWER = {
    "answers": [
        {
            "state": "ready",
            "holder_keys": [
                {
                    "kty": "EC",
                    "crv": "P-256",
                    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                }
            ],
        },
        {"state": "no_wallet"},
        {"state": "mismatch", "fields": ["full_name"]},
    ]
}


class LookupController(Controller):
    """Questions that come before signing."""

    path = "/issuer/v1/holder-keys"
    tags = ("agencies: documents",)
    guards = (requires_agency,)

    @post(
        "/lookup",
        status_code=200,
        summary="For which keys are documents of these subjects to be signed?",
        request_max_body_size=_MAX_BODY_BYTES,
        responses=answers(
            LookupAnswer, _ANSWER, InvalidTokenError, TypeForbiddenError, MalformedRequestError, TooManyRequestsError
        ),
    )
    async def look_up(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[LookupRequest, BodyKwarg(examples=example_of(_QUESTION))],
    ) -> LookupAnswer:
        """Match subjects against the population record and return the holder keys of those who have a wallet."""
        return LookupAnswer(await look_up(runtime, client, data))
