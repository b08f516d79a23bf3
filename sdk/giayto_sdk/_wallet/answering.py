"""Answering a presentation request: match, ask the holder, present, encrypt, post (OpenID4VP 1.0 §8)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509

from giayto_crypto import jwe, jws
from giayto_crypto.dcql import ClaimPath, CredentialQuery, DcqlQuery, Match, Plan, match_credential, plan_answer
from giayto_crypto.errors import MalformedError
from giayto_crypto.localised import Localised
from giayto_crypto.sdjwt import UnverifiedSdJwt, select
from giayto_crypto.sdjwt.verification import KEY_BINDING_TYP, sd_hash
from giayto_sdk._clock import Clock
from giayto_sdk._http.messages import Answer, read_object
from giayto_sdk._http.outside import OutsideClient
from giayto_sdk._wallet.answering_history import HistoryEntry, ShownDocument
from giayto_sdk._wallet.answering_request import (
    MAX_OBJECT_BYTES,
    AskingVerifier,
    AuthenticRequest,
    RequestLink,
    authenticate_request,
    parse_link,
)
from giayto_sdk._wallet.answers import Copy, WalletDocumentDetail
from giayto_sdk._wallet.key_store import KeyStore
from giayto_sdk.errors import AnswerNotAcceptedError, ProtocolError, RequestRefusedError
from giayto_verifiers.requests import transaction_data_hash
from giayto_verifiers.requests.request import MEDIA_TYPE

_NONCE_BYTES: Final = 16
_OK: Final = 200
_WALLET_METADATA: Final = json.dumps(
    {
        "vp_formats_supported": {"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}},
        "client_id_prefixes_supported": ["x509_hash", "x509_san_dns"],
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post", "direct_post.jwt"],
        "request_object_signing_alg_values_supported": ["ES256"],
        "authorization_encryption_alg_values_supported": [jwe.ALGORITHM],
        "authorization_encryption_enc_values_supported": list(jwe.ENCRYPTIONS),
    }
)


@dataclass(frozen=True, slots=True)
class ProposedDocument:
    """A document that answers one part of the request, and what of it would be shown."""

    credential_id: str
    document: WalletDocumentDetail
    claims: tuple[ClaimPath, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class PresentationRequestShown:
    """What the holder sees before consent. Silence is not consent: nothing is sent unless the holder says so."""

    verifier: AskingVerifier
    purpose: Localised | None
    documents: tuple[ProposedDocument, ...]
    transactions: tuple[Mapping[str, Any], ...]
    """Statements to confirm, with `statement_vi`, `statement_en` and `reference`."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the holder decided."""

    given: bool
    with_optional: bool = False


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """How it ended. `redirect_uri` is where the holder's browser goes on; it works once."""

    shown: bool
    request: PresentationRequestShown
    redirect_uri: str | None = field(default=None, repr=False)


Decide = Callable[[PresentationRequestShown], Consent]


class RequestAnswerer:
    """Answers requests from the documents of one wallet."""

    def __init__(
        self,
        *,
        anchors: Sequence[x509.Certificate],
        outside: OutsideClient,
        store: KeyStore,
        documents: Callable[[], Iterable[WalletDocumentDetail]],
        clock: Clock,
    ) -> None:
        """Take what an answer is made of."""
        self._anchors = anchors
        self._outside = outside
        self._store = store
        self._documents = documents
        self._clock = clock

    def answer(self, link: str, decide: Decide) -> AnswerOutcome:
        """Answer one request; see `WalletClient.answer`."""
        request = self._fetch(parse_link(link))
        try:
            return self._answer(request, decide)
        except RequestRefusedError as error:
            # Only a verifier that has proved who it is learns why (§8.5), and nothing about what the wallet holds.
            self._post_error(request, error.error)
            raise

    def _fetch(self, link: RequestLink) -> AuthenticRequest:
        token, nonce = link.request, None
        if link.request_uri is not None:
            nonce = token_urlsafe(_NONCE_BYTES) if link.method == "post" else None
            token = self._request_object(link.request_uri, nonce)
        return authenticate_request(token or "", link, wallet_nonce=nonce, anchors=self._anchors, now=self._clock())

    def _request_object(self, uri: str, nonce: str | None) -> str:
        form = None if nonce is None else {"wallet_nonce": nonce, "wallet_metadata": _WALLET_METADATA}
        method = "GET" if form is None else "POST"
        answer = self._outside.send(method, uri, headers={"Accept": MEDIA_TYPE}, form=form, max_bytes=MAX_OBJECT_BYTES)
        if answer.status != _OK or answer.headers.get("content-type", "").partition(";")[0].strip() != MEDIA_TYPE:
            raise RequestRefusedError("invalid_request", f"request_uri: {MEDIA_TYPE} is expected ({answer.status})")
        return answer.body.decode("latin-1").strip()

    def _answer(self, request: AuthenticRequest, decide: Decide) -> AnswerOutcome:
        self._outside.require_allowed(request.response_uri)
        query = request.query()
        transactions = request.transactions(query)
        recipient = request.recipient()
        held = _Held(query, list(self._documents()), self._store.copy_uses())
        plan = held.plan()
        shown = PresentationRequestShown(
            request.verifier,
            request.purpose,
            tuple(held.proposals(plan)),
            tuple(members for _, members in transactions),
        )
        consent = decide(shown)
        if not consent.given:
            self._post_error(request, "access_denied")
            self._remember(request, "declined")
            return AnswerOutcome(shown=False, request=shown)
        chosen = (*plan.needed, *(plan.optional if consent.with_optional else ()))
        confirmations = _assign(transactions, chosen)
        vp_token: dict[str, list[str]] = {}
        documents: list[ShownDocument] = []
        for name in chosen:
            picked = held.picked[name]
            vp_token[name] = [self._present(picked, request, confirmations.get(name, []))]
            documents.append(picked.entry())
        # Remembered before it is sent: a copy whose answer was lost on its way is used all the same.
        self._remember(request, "shown", documents)
        reply = self._post(request, {"vp_token": vp_token}, recipient)
        return AnswerOutcome(shown=True, request=shown, redirect_uri=self._redirect(reply))

    def _present(self, picked: "_Picked", request: AuthenticRequest, confirmed: Sequence[str]) -> str:
        holder = self._store.holder_key(picked.copy.key_thumbprint)
        sd_jwt = select(picked.credential, picked.match.paths).sd_jwt
        proof: dict[str, Any] = {
            "iat": int(self._clock().timestamp()),
            "nonce": request.nonce,
            "aud": request.verifier.client_id,
            "sd_hash": sd_hash(sd_jwt),
        }
        if confirmed:
            proof["transaction_data_hashes"] = [transaction_data_hash(each) for each in confirmed]
            proof["transaction_data_hashes_alg"] = "sha-256"
        return sd_jwt + jws.sign(proof, signer=holder, typ=KEY_BINDING_TYP)

    def _post(
        self, request: AuthenticRequest, members: dict[str, Any], recipient: tuple[Mapping[str, Any], str] | None
    ) -> Answer:
        with_state = members if request.state is None else {**members, "state": request.state}
        if recipient is None:
            form = {name: each if isinstance(each, str) else json.dumps(each) for name, each in with_state.items()}
        else:
            jwk, enc = recipient
            form = {"response": jwe.encrypt(json.dumps(with_state).encode(), recipient=jwk, enc=enc)}
        answer = self._outside.send("POST", request.response_uri, form=form)
        if answer.status != _OK:
            raise AnswerNotAcceptedError(f"response_uri: answered {answer.status}", status=answer.status)
        return answer

    def _post_error(self, request: AuthenticRequest, code: str) -> None:
        try:
            self._post(request, {"error": code}, None)
        except (AnswerNotAcceptedError, ProtocolError):
            return  # the holder's decision stands, whatever the verifier makes of it

    def _redirect(self, reply: Answer) -> str | None:
        uri = read_object(reply.body).get("redirect_uri")
        if uri is None:
            return None
        if not isinstance(uri, str) or urlsplit(uri).scheme not in {"https", "http"} or not uri.isprintable():
            raise ProtocolError("response: redirect_uri is not a web address")
        self._outside.require_allowed(uri.partition("#")[0])
        return uri

    def _remember(self, request: AuthenticRequest, outcome: Any, documents: Iterable[ShownDocument] = ()) -> None:
        self._store.add_history(
            HistoryEntry(
                at=self._clock(),
                client_id=request.verifier.client_id,
                verifier=request.verifier.names,
                purpose=request.purpose,
                outcome=outcome,
                documents=tuple(documents),
            )
        )


@dataclass(frozen=True, slots=True)
class _Picked:
    """The copy of a document that answers a credential query."""

    document: WalletDocumentDetail
    copy: Copy
    credential: UnverifiedSdJwt
    match: Match

    def entry(self) -> ShownDocument:
        return ShownDocument(
            document_id=self.document.document_id,
            document_type=self.document.document_type,
            claims=self.match.paths,
            key_thumbprint=self.copy.key_thumbprint,
        )


class _Held:
    """What the wallet holds, seen through a query."""

    def __init__(self, query: DcqlQuery, documents: Sequence[WalletDocumentDetail], used: Mapping[str, int]) -> None:
        self._query = query
        self.picked: dict[str, _Picked] = {}
        for asked in query.credentials:
            picked = next(_matches(asked, documents, used), None)
            if picked is not None:
                self.picked[asked.id] = picked

    def plan(self) -> Plan:
        plan = plan_answer(self._query, self.picked)
        if plan is None:
            raise RequestRefusedError("access_denied", "wallet: it holds nothing that answers this request")
        return plan

    def proposals(self, plan: Plan) -> Iterator[ProposedDocument]:
        for name in (*plan.needed, *plan.optional):
            picked = self.picked[name]
            yield ProposedDocument(name, picked.document, picked.match.paths, optional=name in plan.optional)


def _matches(
    asked: CredentialQuery, documents: Iterable[WalletDocumentDetail], used: Mapping[str, int]
) -> Iterator[_Picked]:
    for document in documents:
        # Copies differ in everything that could be recognised again: the least used one is shown.
        for copy in sorted(document.credentials, key=lambda each: used.get(each.key_thumbprint, 0)):
            try:
                credential = UnverifiedSdJwt.parse_issued(copy.credential)
            except MalformedError:
                continue
            match = match_credential(asked, credential)
            if match is not None:
                yield _Picked(document, copy, credential, match)
            break


def _assign(transactions: Sequence[tuple[str, Mapping[str, Any]]], chosen: Sequence[str]) -> dict[str, list[str]]:
    """Give each transaction to one credential that may confirm it (§5.1)."""
    assigned: dict[str, list[str]] = {}
    for encoded, members in transactions:
        name = next((each for each in chosen if each in members["credential_ids"]), None)
        if name is None:
            raise RequestRefusedError("invalid_transaction_data", "transaction_data: its credential is not available")
        assigned.setdefault(name, []).append(encoded)
    return assigned
