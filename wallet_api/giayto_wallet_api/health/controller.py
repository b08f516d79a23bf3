"""`/health/live`: the process answers. `/health/ready`: it can serve, its database included."""

from http import HTTPStatus
from typing import Annotated, ClassVar, Literal

import msgspec
from litestar import Controller, get
from sqlalchemy.exc import SQLAlchemyError

from giayto_wallet_api.openapi import answers
from giayto_wallet_api.problems import ProblemError
from giayto_wallet_api.runtime import RuntimeDependency
from giayto_wallet_api.store.migrating import is_migrated


class Health(msgspec.Struct, frozen=True):
    """The answer of a health check."""

    status: Annotated[Literal["ok"], msgspec.Meta(examples=["ok"])]


class NotReadyError(ProblemError):
    """The service cannot serve at the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "not_ready"
    retryable = True
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}
    message_vi = "Hệ thống chưa sẵn sàng; hãy thử lại sau."
    message_en = "The service is not ready; try again shortly."


_EXAMPLE = {"status": "ok"}


class HealthController(Controller):
    """Health checks."""

    path = "/health"
    tags = ("health",)

    @get("/live", summary="Is the process alive?", responses=answers(Health, _EXAMPLE))
    async def live(self) -> Health:
        """Answer as long as the process can."""
        return Health(status="ok")

    @get("/ready", summary="Can the service serve?", responses=answers(Health, _EXAMPLE, NotReadyError))
    async def ready(self, runtime: RuntimeDependency) -> Health:
        """Answer when the database answers and has the schema of this release."""
        try:
            async with runtime.database.read() as tx:
                migrated = await is_migrated(tx)
        except (SQLAlchemyError, OSError) as error:
            raise NotReadyError("the database does not answer") from error
        if not migrated:
            raise NotReadyError("the database lacks migrations: run giayto-wallet-api migrate")
        return Health(status="ok")
