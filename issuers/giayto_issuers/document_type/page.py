"""A page about each document type for people, written from its file: what it holds, until when, who issues it."""

from collections.abc import Iterable, Iterator
from datetime import date

from giayto_issuers.document_type.model import Claim, ClaimType, DocumentType, Validity
from giayto_issuers.document_type.paper import Form, Procedure

INDEX = "README.md"
_WRITTEN = "<!-- Written by `make pages` from type.toml: change that file, not this page. -->"
_UNITS = {"days": "days", "working-days": "working days", "months": "months"}
_MAY_ASK = {"no": "no", "unless-in-wallet": "only if it is not shown from the wallet", "yes": "yes"}


def page(document_type: DocumentType) -> str:
    """Return the page of one type as Markdown."""
    parts = [
        _WRITTEN,
        f"# {document_type.titles.vi}\n\n*{document_type.titles.en}*",
        f"{document_type.description.vi}\n\n{document_type.description.en}",
        _facts(document_type),
        _claims(document_type),
        *_code_lists(document_type),
        *_forms(document_type.forms),
        *_procedures(document_type.procedures),
        _basis(document_type),
    ]
    return "\n\n".join(parts) + "\n"


def index(document_types: Iterable[DocumentType]) -> str:
    """Return the list of all pages as Markdown."""
    rows = [
        (
            f"[{one.titles.vi}]({one.code}.md)",
            one.titles.en,
            f"`{one.code}` {one.version}",
            one.holder_kind,
            validity_in_words(one.validity),
            str(len(one.claims)),
        )
        for one in sorted(document_types, key=lambda one: one.code)
    ]
    head = f"{_WRITTEN}\n\n# Các loại giấy tờ · Document types\n\n"
    return head + _table(("giấy tờ", "document", "code, version", "holder", "good for", "claims"), rows) + "\n"


def validity_in_words(rule: Validity) -> str:
    """Say in English until when a document is good."""
    if rule.length is not None:
        words = f"{rule.length} {_UNITS[rule.rule]}"
        return words + "".join(
            f" ({exception.length} {_UNITS[exception.rule]} by exception)" for exception in rule.exceptions
        )
    if rule.rule == "by-claim":
        return "its own dates, or without end" if rule.open_ended else "its own dates"
    return "until revoked"


def _facts(document_type: DocumentType) -> str:
    use = document_type.use
    purposes = ", ".join(purpose.name.vi for purpose in use.purposes)
    stage = document_type.integration
    facts = {
        "vct": f"`{document_type.vct}`",
        "holder": document_type.holder_kind,
        "defined by": f"{document_type.owner.name.vi} · {document_type.owner.name.en} (`{document_type.owner.agency}`)",
        "issued by": ", ".join(f"`{agency}`" for agency in document_type.agencies),
        "good for": validity_in_words(document_type.validity),
        "one signed copy": f"{document_type.validity.credential_days} days at most",
        "one use": "yes: a use consumes it" if use.single_use else "",
        "sensitive": "yes" if use.sensitivity == "sensitive" else "",
        "may be asked for": purposes if use.demandable else "by nobody: only its holder decides to show it",
        "made for one purpose": f"`{use.purpose_claim}`" if use.purpose_claim else "",
        "stage": "" if stage is None else stage.stage + _period(stage.since, stage.deadline, "since", "due"),
        "always shown": ", ".join(f"`{name}`" for name in document_type.required_claims),
        "row key": f"`{document_type.source.row_key_column}`",
    }
    states = document_type.live_status
    if states is not None:
        meanings = {"invalid": states.invalid, "suspended": states.suspended, "consumed": states.consumed}
        facts |= {f"status `{name}`": f"{text.vi} · {text.en}" for name, text in meanings.items() if text}
    return _table(("", ""), [(name, fact) for name, fact in facts.items() if fact])


def _claims(document_type: DocumentType) -> str:
    rows = [row for claim in document_type.claims for row in _claim_rows(claim, 0)]
    return "## Nội dung · Claims\n\n" + _table(("claim", "nhãn", "label", "type", "columns", "", "source"), rows)


def _claim_rows(claim: Claim, depth: int) -> Iterator[tuple[str, ...]]:
    marks = ["mandatory"] * claim.mandatory + ["always shown"] * claim.always_shown + ["live"] * claim.live
    if claim.present_when is not None:
        marks.append(f"when `{claim.present_when.claim}` is {' or '.join(claim.present_when.values)}")
    if claim.elements_disclosable or (depth == 0 and claim.fields_disclosable):
        marks.append("parts can be shown alone")
    columns = ", ".join(f"`{column}`" for column in claim.columns)
    name = "&nbsp;&nbsp;" * depth + f"`{claim.name}`"
    yield name, claim.label.vi, claim.label.en, _kind(claim), columns, ", ".join(marks), claim.source or ""
    for field in claim.fields:
        yield from _claim_rows(field, depth + 1)


def _kind(claim: Claim) -> str:
    kind = claim.identifier or (f"code of `{claim.code_list}`" if claim.code_list else str(claim.element_type))
    return f"list of {kind}" if claim.type is ClaimType.LIST else kind


def _code_lists(document_type: DocumentType) -> Iterator[str]:
    for name, codes in document_type.code_lists.items():
        rows = [(f"`{code}`", text.vi, text.en) for code, text in codes.items()]
        yield f"### Danh mục mã · code list `{name}`\n\n" + _table(("code", "nhãn", "label"), rows)


def _forms(forms: Iterable[Form]) -> Iterator[str]:
    rows = []
    for form in forms:
        slots = [
            f"{slot.name.vi} · {slot.name.en}"
            + _period(slot.valid_from, slot.valid_until)
            + ("" if slot.required else ", if any")
            for slot in form.signatures
        ]
        rows.append((form.number, _period(form.valid_from, form.valid_until).strip(" ()"), "; ".join(slots)))
    if rows:
        yield "## Mẫu và chữ ký · Forms and signatures\n\n" + _table(("form", "for events", "signed by"), rows)


def _procedures(procedures: Iterable[Procedure]) -> Iterator[str]:
    rows = [
        (
            f"`{one.code}` {one.titles.vi}",
            one.titles.en,
            _MAY_ASK[one.may_ask] + _period(one.valid_from, one.valid_until),
            one.legal_basis,
        )
        for one in procedures
    ]
    if rows:
        heading = "## Thủ tục từng đòi giấy này · Procedures that asked for the paper\n\n"
        yield heading + _table(("thủ tục", "procedure", "may still ask", "basis"), rows)


def _basis(document_type: DocumentType) -> str:
    rules = [
        f"- {basis.reference}: {basis.subject.vi} · {basis.subject.en} [{basis.source}]"
        for basis in document_type.legal_basis
    ]
    notes = [f"- `{mark}`: {note}" for mark, note in document_type.sources.items()]
    return "\n".join(["## Căn cứ và nguồn · Legal basis and sources", "", *rules, "", *notes])


def _period(first: date | None, last: date | None, begins: str = "from", ends: str = "until") -> str:
    words = ([f"{begins} {first}"] if first else []) + ([f"{ends} {last}"] if last else [])
    return f" ({' '.join(words)})" if words else ""


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
