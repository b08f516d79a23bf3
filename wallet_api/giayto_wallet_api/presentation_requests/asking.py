"""Making a hosted request: the query, the permission, the intent in the store, the link for the wallet."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from giayto_crypto.dcql import DcqlError, DcqlQuery, parse_query
from giayto_issuers.document_type.model import DocumentTypes
from giayto_verifiers.requests import (
    ClientIdPrefix,
    RequestError,
    authorization_link,
    encode_transaction_data,
    new_request,
    simple_query,
)
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.presentation_requests import storage
from giayto_wallet_api.presentation_requests.identity import domains_of, hosted_identity, registration_token
from giayto_wallet_api.presentation_requests.permissions import (
    permitted_claims,
    registered_purpose,
    require_permitted,
)
from giayto_wallet_api.presentation_requests.principal import VerifierClient
from giayto_wallet_api.presentation_requests.problems import DomainNotPinnedError, QueryInvalidError
from giayto_wallet_api.presentation_requests.schemas import MadeRequest, NewRequest
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.rate_limits import spend

RESULT_LIFETIME: Final = timedelta(minutes=10)
"""How long an answer waits for its verifier after the request has run out."""
REQUESTS_PER_MINUTE: Final = 600


async def ask(runtime: Runtime, verifier: VerifierClient, wanted: NewRequest) -> MadeRequest:
    """Make a request that wallets may answer.

    Raises:
        OverAskingError: the verifier may not ask for this; the code names the rule.
        QueryInvalidError: the query cannot be asked.
        HostedRequestsOffError: the server has no certificate for it.
        TooManyRequestsError: too many of them.
    """
    now = runtime.clock()
    query = _query(wanted, runtime.document_types)
    identity = hosted_identity(runtime, ClientIdPrefix(wanted.client_id_prefix))
    request_id = new_id("prq")
    address = f"{runtime.settings.base_url}/openid4vp/{verifier.verifier_id}/{request_id}"
    async with runtime.database.transaction() as tx:
        await spend(
            tx,
            bucket=f"presentation-requests:{verifier.verifier_id}",
            limit=REQUESTS_PER_MINUTE,
            window=timedelta(minutes=1),
            now=now,
        )
        purpose = await registered_purpose(tx, verifier.verifier_id, wanted.purpose)
        permitted = await permitted_claims(tx, verifier.verifier_id, wanted.purpose)
        require_permitted(query, permitted, wanted.purpose, runtime.document_types)
        domains = await domains_of(tx, verifier.verifier_id)
        _require_pinned(wanted.redirect_uri, domains, sandbox=runtime.settings.is_sandbox)
        try:
            request = new_request(
                identity,
                query=query,
                response_uri=f"{address}/response",
                purpose=purpose,
                now=now,
                lifetime=timedelta(seconds=wanted.lifetime_seconds),
                response_mode=wanted.response_mode,
                transaction_data=[encode_transaction_data(each) for each in wanted.transaction_data],
                registration=registration_token(runtime, verifier, identity.client_id, domains, now),
            )
        except RequestError as error:
            raise QueryInvalidError(error.detail) from error
        name = f"{verifier.verifier_id}/{request_id}"
        await storage.erase_outdated(tx, now)
        await storage.keep(
            tx,
            {
                "verifier_id": verifier.verifier_id,
                "request_id": request_id,
                "purpose": purpose.code,
                "transaction_reference": _transaction(wanted.transaction) or request_id,
                "redirect_uri": wanted.redirect_uri,
                "created_at": now,
                "expires_at": request.expires_at,
                "content": storage.RequestSecrets(runtime.keys).seal(name, "content", request.to_bytes()),
                "erase_at": request.expires_at + RESULT_LIFETIME,
            },
        )
        await audit.record(
            tx,
            now=now,
            actor=verifier.actor,
            action="presentation.requested",
            target=request_id,
            facts={"purpose": purpose.code, "types": " ".join(_types(query))},
        )
    link = authorization_link(identity.client_id, f"{address}/object")
    return MadeRequest(
        request_id=request_id,
        client_id=identity.client_id,
        request_uri=f"{address}/object",
        qr_text=link,
        same_device_link=link,
        dcql_query=query.to_json(),
        expires_at=request.expires_at,
    )


def _query(wanted: NewRequest, types: DocumentTypes) -> DcqlQuery:
    if (wanted.document_type is None) == (wanted.dcql_query is None):
        raise QueryInvalidError("either document_type with claims, or dcql_query")
    try:
        if wanted.dcql_query is not None:
            if wanted.claims:
                raise QueryInvalidError("claims belong to document_type; a dcql_query has its own")
            return parse_query(wanted.dcql_query)
        vct = wanted.document_type or ""
        known = types.find(vct)
        return simple_query(vct, wanted.claims, required=known.required_claims if known else ())
    except DcqlError as error:
        raise QueryInvalidError(error.detail) from error


def _types(query: DcqlQuery) -> list[str]:
    return list(dict.fromkeys(vct for asked in query.credentials for vct in asked.vct_values))


def _transaction(text: str) -> str:
    if not text.isprintable():
        raise QueryInvalidError("transaction: printable characters are expected")
    return text.strip()


def _require_pinned(redirect_uri: str | None, domains: tuple[str, ...], *, sandbox: bool) -> None:
    """The holder is led to the verifier's own domains only, so that a look-alike cannot be slipped in."""
    if redirect_uri is None:
        return
    parts = urlsplit(redirect_uri)
    schemes = {"https", "http"} if sandbox else {"https"}
    if parts.scheme not in schemes or parts.fragment or not redirect_uri.isprintable() or "@" in parts.netloc:
        raise QueryInvalidError("redirect_uri: an https URL without fragment is expected")
    if parts.hostname not in domains:
        raise DomainNotPinnedError("redirect_uri: register the domain first")
