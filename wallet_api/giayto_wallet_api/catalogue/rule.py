"""The rule over all editions: which one answers for a day, and what one that has since been dropped still says."""

from dataclasses import dataclass
from datetime import date

from cryptography import x509
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_verifiers.paper_rule import DocumentNotCataloguedError, MayAsk, may_ask
from giayto_wallet_api.catalogue.editions import LATEST, edition_in_force, find_edition
from giayto_wallet_api.catalogue.problems import DocumentUnknownError


@dataclass(frozen=True, slots=True)
class PaperQuestion:
    """May this paper be asked for? See `giayto_verifiers.paper_rule.may_ask`."""

    document: str
    on: date
    procedure: str | None = None
    purpose: str | None = None


async def answer(tx: AsyncConnection, anchors: tuple[x509.Certificate, ...], question: PaperQuestion) -> MayAsk:
    """Answer from the edition in force on the day; a document that came later is answered for by the newest.

    Raises:
        NoEditionError: none was published yet.
        DocumentUnknownError: neither edition has the document.
        ProcedureCodeError: the procedure's code is not one.
    """
    in_force = await edition_in_force(tx, question.on, anchors)
    newest = await find_edition(tx, LATEST, anchors)
    for edition in (in_force.edition, newest.edition):
        if edition.find(question.document) is not None:
            break
    try:
        return may_ask(
            edition, question.document, on=question.on, procedure=question.procedure, purpose=question.purpose
        )
    except DocumentNotCataloguedError as error:
        raise DocumentUnknownError(error.detail) from None
