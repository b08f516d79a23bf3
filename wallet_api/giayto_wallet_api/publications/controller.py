"""`/public/v1`: trust list, catalogue, type metadata, verifier bundle."""

from typing import Any

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from giayto_crypto import bundle as bundle_format
from giayto_crypto import strict_json
from giayto_crypto import trust_list as trust_list_format
from giayto_crypto.catalogue import Catalogue
from giayto_wallet_api.openapi import answers
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.publications.bundle import catalogue_of, current_bundle
from giayto_wallet_api.publications.published import published
from giayto_wallet_api.publications.trust_list import current_trust_list
from giayto_wallet_api.runtime import RuntimeDependency

JWT_MEDIA_TYPE = "application/jwt"
JSON_MEDIA_TYPE = "application/json"
_REVALIDATED = 0
"""Seconds: caches keep it and ask each time whether it is still the same."""
_TYPES_SECONDS = 3600

_CATALOGUE_EXAMPLE = {
    "entries": [
        {
            "vct": "urn:giayto:type:health-book:1",
            "code": "health-book",
            "version": 1,
            "titles": {"vi": "Sổ sức khỏe điện tử", "en": "Electronic health book"},
            "holder_kind": "person",
            "claims": [{"path": ["full_name"], "label": {"vi": "Họ và tên", "en": "Full name"}}],
        }
    ]
}
_METADATA_EXAMPLE = {
    "vct": "urn:giayto:type:health-book:1",
    "name": "Electronic health book",
    "display": [{"locale": "vi", "name": "Sổ sức khỏe điện tử"}],
    "claims": [{"path": ["full_name"], "mandatory": True, "sd": "always"}],
}


class PublicationController(Controller):
    """What everybody may read."""

    path = "/public/v1"
    tags = ("public",)

    @get(
        "/trust-list",
        summary="The trust list",
        media_type=JWT_MEDIA_TYPE,
        responses=answers(str, "eyJ…", media_type=JWT_MEDIA_TYPE, description=f"A JWS, {trust_list_format.TYP}."),
    )
    async def trust_list(self, request: Request[Any, Any, Any], runtime: RuntimeDependency) -> Response[bytes]:
        """Say which certificate speaks for which agency, for which document types, from when to when."""
        token = await current_trust_list(runtime)
        return published(request, token.encode(), media_type=JWT_MEDIA_TYPE, max_age=_REVALIDATED)

    @get(
        "/bundle",
        summary="The verifier bundle",
        media_type=JWT_MEDIA_TYPE,
        responses=answers(str, "eyJ…", media_type=JWT_MEDIA_TYPE, description=f"A JWS, {bundle_format.TYP}."),
    )
    async def bundle(self, request: Request[Any, Any, Any], runtime: RuntimeDependency) -> Response[bytes]:
        """Give verifiers all that a check without a network needs. Ask again with `If-None-Match`."""
        token = await current_bundle(runtime)
        return published(request, token.encode(), media_type=JWT_MEDIA_TYPE, max_age=_REVALIDATED)

    @get("/types", summary="The catalogue of document types", responses=answers(Catalogue, _CATALOGUE_EXAMPLE))
    async def types(self, request: Request[Any, Any, Any], runtime: RuntimeDependency) -> Response[bytes]:
        """List all document types with their claims and labels."""
        content = strict_json.canonical(catalogue_of(runtime.document_types).to_json())
        return published(request, content, media_type=JSON_MEDIA_TYPE, max_age=_TYPES_SECONDS)

    @get(
        "/types/{code:str}/{version:int}",
        summary="SD-JWT VC metadata of a document type",
        responses=answers(dict[str, Any], _METADATA_EXAMPLE, NotFoundError),
    )
    async def type_metadata(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, code: FromPath[str], version: FromPath[int]
    ) -> Response[bytes]:
        """Return the type metadata document (SD-JWT VC §4)."""
        for document_type in runtime.document_types:
            if (document_type.code, document_type.version) == (code, version):
                content = strict_json.canonical(document_type.type_metadata())
                return published(request, content, media_type=JSON_MEDIA_TYPE, max_age=_TYPES_SECONDS)
        raise NotFoundError("there is no such document type in this version")
