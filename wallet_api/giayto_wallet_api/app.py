"""The composition root: the one place that knows all features.

    app = create_app(Settings.from_environment(os.environ))

A feature is a folder with `tables.py`, `schemas.py`, a service and a `controller.py`; its controllers are
listed in `FEATURES`. Handlers receive `runtime: RuntimeDependency`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from litestar import Controller, Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler, Message, Scope

from giayto_crypto import engines
from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.agencies.principal import provide_agency_client
from giayto_wallet_api.authorization.controller import AuthorizationController
from giayto_wallet_api.catalogue.controller import CatalogueController
from giayto_wallet_api.catalogue_pages.controller import CatalogueHtmlController, CataloguePageController
from giayto_wallet_api.changes.controller import ChangeController
from giayto_wallet_api.clock import Clock, system_clock
from giayto_wallet_api.corrections.controller import CorrectionController
from giayto_wallet_api.corrections.verifier_controller import VerifierFallbackController
from giayto_wallet_api.credential_issuance.citizen_controller import CitizenOfferController
from giayto_wallet_api.credential_issuance.controller import CredentialController, IssuerMetadataController
from giayto_wallet_api.deposits.controller import DepositController
from giayto_wallet_api.devices.controller import DeviceController, SessionController
from giayto_wallet_api.devices.principal import provide_citizen
from giayto_wallet_api.documents.controller import DocumentController
from giayto_wallet_api.edge import MAX_JSON_BYTES, finish_response, read_json_strictly
from giayto_wallet_api.figures.controller import FiguresController, FiguresPageController
from giayto_wallet_api.health.controller import HealthController
from giayto_wallet_api.holder_keys.controller import HolderKeyController
from giayto_wallet_api.hosted_signing.controller import HostedSigningController
from giayto_wallet_api.idempotency.replay import keep_answer, replay_or_begin
from giayto_wallet_api.identity.sandbox_provider.controller import SandboxProviderController
from giayto_wallet_api.inbox.controller import InboxController
from giayto_wallet_api.limits.admission import Admission
from giayto_wallet_api.limits.middleware import AdmissionMiddleware
from giayto_wallet_api.lookups.controller import LookupController
from giayto_wallet_api.oauth.controller import AuthorizationServerController
from giayto_wallet_api.openapi_page import OpenAPIPage, openapi_router
from giayto_wallet_api.openapi_shared import SharedAnswers, shared_components
from giayto_wallet_api.outbox.controller import EventController
from giayto_wallet_api.outbox.delivery import delivering_events
from giayto_wallet_api.presentation_requests.controller import VerifierController
from giayto_wallet_api.presentation_requests.principal import provide_verifier
from giayto_wallet_api.presentation_requests.wallet_endpoints import WalletEndpointController
from giayto_wallet_api.problems import answer_giayto_error, answer_http_exception, answer_unexpected
from giayto_wallet_api.publications.controller import PublicationController
from giayto_wallet_api.push_jobs.background import carrying_out_operations
from giayto_wallet_api.push_jobs.controller import PushJobController
from giayto_wallet_api.refusal_reports.controller import RefusalReportController
from giayto_wallet_api.runtime import Runtime, build_runtime, runtime_of
from giayto_wallet_api.server_keys import ServerKeys
from giayto_wallet_api.settings import Settings
from giayto_wallet_api.signing_requests.controller import SigningRequestController, WaitingDocumentController
from giayto_wallet_api.status.controller import StatusIndexController, StatusListController
from giayto_wallet_api.status.reconciliation import reconcile_reservations, reconcile_revocations

FEATURES: tuple[type[Controller], ...] = (
    AuthorizationController,
    AuthorizationServerController,
    CatalogueController,
    CatalogueHtmlController,
    CataloguePageController,
    ChangeController,
    CitizenOfferController,
    CorrectionController,
    CredentialController,
    DepositController,
    DeviceController,
    DocumentController,
    EventController,
    FiguresController,
    FiguresPageController,
    HealthController,
    HolderKeyController,
    HostedSigningController,
    InboxController,
    IssuerMetadataController,
    LookupController,
    PublicationController,
    PushJobController,
    RefusalReportController,
    SessionController,
    SigningRequestController,
    StatusIndexController,
    StatusListController,
    VerifierController,
    VerifierFallbackController,
    WaitingDocumentController,
    WalletEndpointController,
)
SANDBOX_FEATURES: tuple[type[Controller], ...] = (SandboxProviderController,)
"""What only `Mode.SANDBOX` serves."""


def create_app(settings: Settings, *, clock: Clock = system_clock, keys: ServerKeys | None = None) -> Litestar:
    """Build the application.

    Args:
        settings: what the operator set.
        clock: the source of the present moment.
        keys: the server's keys; read from `settings.keys_folder` when not given.

    Raises:
        SettingsError: the key files are missing or do not fit together.
        EngineMissingError, EngineUnknownError: the engine that was set cannot be had.
    """
    engines.use(settings.engine)
    runtime = build_runtime(settings, clock=clock, keys=keys)
    application = assemble(is_sandbox=settings.is_sandbox)
    application.state.runtime = runtime
    return application


def assemble(*, is_sandbox: bool) -> Litestar:
    """Put routes and what surrounds them together; before it starts, it needs a `Runtime` as `state.runtime`."""
    return Litestar(
        route_handlers=_route_handlers(is_sandbox),
        dependencies={
            "runtime": Provide(_provide_runtime, sync_to_thread=False),
            "client": Provide(provide_agency_client),
            "citizen": Provide(provide_citizen),
            "verifier": Provide(provide_verifier),
        },
        lifespan=[_live],
        middleware=[AdmissionMiddleware(Admission())],
        before_request=_read_or_answer_again,
        before_send=[_keep_answer, finish_response],
        exception_handlers={
            GiaytoError: answer_giayto_error,
            HTTPException: answer_http_exception,
            Exception: answer_unexpected,
        },
        request_max_body_size=MAX_JSON_BYTES,
        openapi_config=_openapi_config(),
        plugins=[SharedAnswers()],
        logging_config=None,
    )


def _route_handlers(is_sandbox: bool) -> Sequence[ControllerRouterHandler]:
    return (*FEATURES, *(SANDBOX_FEATURES if is_sandbox else ()))


def _provide_runtime(request: Request[Any, Any, Any]) -> Runtime:
    return runtime_of(request)


async def _read_or_answer_again(request: Request[Any, Any, Any]) -> Response[Any] | None:
    await read_json_strictly(request)
    return await replay_or_begin(request, runtime_of(request))


async def _keep_answer(message: Message, scope: Scope) -> None:
    await keep_answer(message, scope, Litestar.from_scope(scope).state.runtime)


@asynccontextmanager
async def _live(application: Litestar) -> AsyncIterator[None]:
    runtime: Runtime = application.state.runtime
    try:
        await reconcile_reservations(runtime)
        await reconcile_revocations(runtime)
        async with carrying_out_operations(runtime), _delivering_events(runtime):
            yield
    finally:
        await runtime.database.close()


def _delivering_events(runtime: Runtime) -> AbstractAsyncContextManager[None]:
    """In the sandbox one process does everything; elsewhere `giayto-wallet-api work` delivers events."""
    return delivering_events(runtime) if runtime.settings.is_sandbox else nullcontext()


def _openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="giayto wallet API",
        version="0.1.0",
        description="Agencies push signed documents; citizens hold and show them; anybody checks them.",
        components=shared_components(),
        openapi_router=openapi_router(),
        render_plugins=[OpenAPIPage(), JsonRenderPlugin()],
    )
