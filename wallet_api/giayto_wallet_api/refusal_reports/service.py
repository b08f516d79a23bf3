"""Filing a report, and listing one's own."""

import hmac
from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import structs
from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_issuers.values.times import VIETNAM
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.catalogue.rule import PaperQuestion, answer
from giayto_wallet_api.citizen_text import clean_citizen_text
from giayto_wallet_api.devices.principal import Citizen
from giayto_wallet_api.envelope.encryption import Place, WalletKey
from giayto_wallet_api.problems import MalformedRequestError, ProblemError
from giayto_wallet_api.refusal_reports.schemas import ReportItem, ReportRequest
from giayto_wallet_api.refusal_reports.tables import refusal_reports
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import ID_BYTES, new_id
from giayto_wallet_api.store.rate_limits import spend
from giayto_wallet_api.store.statements import hold

REPORTS_A_DAY: Final = 20
_columns = refusal_reports.c


class PaperAllowedError(ProblemError):
    """The paper may be asked for on that day: there is nothing to report."""

    status = HTTPStatus.CONFLICT
    code = "paper_allowed"
    message_vi = "Vào ngày này giấy tờ đó vẫn được yêu cầu bản giấy."
    message_en = "On that day this paper could still be asked for."


class ReportKeyConflictError(ProblemError):
    """The idempotency key was used for another report before."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "idempotency_key_reused"
    message_vi = "Khóa chống gửi trùng đã được dùng cho phản ánh khác."
    message_en = "The idempotency key was used for another report before."


class _Content(msgspec.Struct, frozen=True):
    verifier_name: str
    text: str

    def __repr__(self) -> str:
        return "_Content(…)"


async def file_report(
    tx: AsyncConnection,
    runtime: Runtime,
    citizen: Citizen,
    request: ReportRequest,
    idempotency_key: str | None = None,
) -> ReportItem:
    """Keep a report under the wallet's key; the same again under the same key changes nothing.

    Raises:
        ReportKeyConflictError: the key stands for another report.
        PaperAllowedError: the paper could be asked for on that day.
        MalformedRequestError: a day in the future, or text that cannot be shown.
        TooManyRequestsError: this wallet filed its reports for today.
        DocumentUnknownError, NoEditionError, ProcedureCodeError: see `catalogue.rule`.
    """
    now = runtime.clock()
    if request.asked_on > now.astimezone(VIETNAM).date():
        raise MalformedRequestError("asked_on: it has not come yet")
    content = _Content(
        clean_citizen_text(request.verifier_name, "verifier_name"), clean_citizen_text(request.text, "text")
    )
    question = PaperQuestion(request.document, request.asked_on, request.procedure)
    rule = await answer(tx, runtime.keys.anchors, question)
    if rule.may_ask:
        raise PaperAllowedError(f"may ask: {rule.reason}")
    report_id = _report_id(runtime, citizen, idempotency_key)
    await hold(tx, f"refusal-reports {citizen.wallet_id}")
    known = await _find(tx, runtime, citizen.wallet_id, report_id)
    if known is not None:
        if _said(known) != (content, request.asked_on, rule.vct):
            raise ReportKeyConflictError("Idempotency-Key: it stands for another report")
        return structs.replace(known, reason=rule.reason)
    bucket = f"refusal-report:{citizen.wallet_id}"
    await spend(tx, bucket=bucket, limit=REPORTS_A_DAY, window=timedelta(days=1), now=now)
    sequence = await audit.record(
        tx,
        now=now,
        actor=citizen.actor,
        action="refusal_report.filed",
        target=report_id,
        facts={"document_type": rule.vct, "device_id": citizen.device_id},
    )
    key = await runtime.wallets.wallet_key(tx, citizen.wallet_id)
    report = ReportItem(
        report_id=report_id,
        filed_at=now,
        verifier_name=content.verifier_name,
        verifier_id=None if request.verifier_id is None else request.verifier_id.casefold(),
        document_type=rule.vct,
        procedure=None if rule.procedure is None else rule.procedure.code,
        asked_on=request.asked_on,
        text=content.text,
        edition=rule.edition,
        reason=rule.reason,
    )
    await tx.execute(
        insert(refusal_reports).values(
            wallet_id=citizen.wallet_id,
            report_id=report_id,
            filed_sequence=sequence,
            filed_at=now,
            verifier_id=report.verifier_id,
            document_type=report.document_type,
            procedure_code=report.procedure,
            asked_on=report.asked_on,
            edition=report.edition,
            content=key.encrypt(msgspec.json.encode(content), _place(report_id)),
        )
    )
    return report


async def list_reports(
    tx: AsyncConnection, runtime: Runtime, wallet_id: str, *, before: int, limit: int
) -> Sequence[tuple[int, ReportItem]]:
    """Return a wallet's reports with their numbers, newest first, that were filed before number `before`."""
    query = select(refusal_reports).where(_columns.wallet_id == wallet_id, _columns.filed_sequence < before)
    rows = (await tx.execute(query.order_by(_columns.filed_sequence.desc()).limit(limit))).mappings().all()
    key = await runtime.wallets.wallet_key(tx, wallet_id)
    return [(row["filed_sequence"], _item(row, key)) for row in rows]


async def _find(tx: AsyncConnection, runtime: Runtime, wallet_id: str, report_id: str) -> ReportItem | None:
    query = select(refusal_reports).where(_columns.wallet_id == wallet_id, _columns.report_id == report_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else _item(row, await runtime.wallets.wallet_key(tx, wallet_id))


def _item(row: RowMapping, key: WalletKey) -> ReportItem:
    content = msgspec.json.decode(key.decrypt(row["content"], _place(row["report_id"])), type=_Content)
    return ReportItem(
        report_id=row["report_id"],
        filed_at=row["filed_at"],
        verifier_name=content.verifier_name,
        verifier_id=row["verifier_id"],
        document_type=row["document_type"],
        procedure=row["procedure_code"],
        asked_on=row["asked_on"],
        text=content.text,
        edition=row["edition"],
    )


def _said(report: ReportItem) -> tuple[_Content, date, str]:
    return _Content(report.verifier_name, report.text), report.asked_on, report.document_type


def _report_id(runtime: Runtime, citizen: Citizen, idempotency_key: str | None) -> str:
    """Return a fresh identifier, or the one that a key of this wallet always leads to."""
    if not idempotency_key:
        return new_id("rep")
    said = f"refusal-report\0{citizen.wallet_id}\0{idempotency_key}".encode()
    return f"rep_{hmac.digest(runtime.content_digest_key, said, 'sha256')[:ID_BYTES].hex()}"


def _place(report_id: str) -> Place:
    return Place(table="refusal_reports", row=report_id, column="content", version=1)
