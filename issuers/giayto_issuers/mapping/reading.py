"""Reading a mapping file, strictly: every mistake of it in one error."""

from hashlib import sha256
from pathlib import Path

from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.lines import Lines
from giayto_issuers.document_type.model import ClaimType, DocumentType
from giayto_issuers.document_type.reading import Mistakes, join, read_table
from giayto_issuers.document_type.toml_files import read_toml, with_lines
from giayto_issuers.errors import MappingError
from giayto_issuers.mapping.column_mapping import ColumnMapping, MappedClaim, folded
from giayto_issuers.mapping.date_format import is_date_format
from giayto_issuers.mapping.model import ClaimRule, MappingFile
from giayto_issuers.mapping.targets import row_keys, targets

_MAX_BYTES = 256 * 1024
_MOMENTS = (ClaimType.DATE, ClaimType.DATETIME)


def read_mapping(path: Path, document_type: DocumentType) -> ColumnMapping:
    """Read and check a mapping file.

    Args:
        path: TOML.
        document_type: the type that the rows are for.

    Raises:
        MappingError: everything that is wrong with the file.
    """
    mistakes = Mistakes(path.name)
    read = read_toml(path, mistakes, most_bytes=_MAX_BYTES)
    written = read_table(MappingFile, read.members, "", mistakes) if read is not None else None
    if written is not None:
        _check(written, document_type, mistakes)
    if mistakes.found or written is None or read is None:
        raise MappingError(with_lines(mistakes, read))
    keys, lines = row_keys(document_type), Lines(read.text)
    claims = tuple(
        MappedClaim(
            name=name,
            key=keys[name],
            rule=rule,
            values={folded(text): value for text, value in rule.values.items()},
            line=lines.find(join("claims", name)),
        )
        for name, rule in written.claims.items()
    )
    digest = sha256(read.text.encode("utf-8")).hexdigest()
    return ColumnMapping(document_type, claims, frozenset(written.ignored), written.source, path.name, digest)


def _check(written: MappingFile, document_type: DocumentType, mistakes: Mistakes) -> None:
    if written.document_type not in (None, document_type.code, document_type.vct):
        mistakes.add("document_type", reasons.mapping_of_another(document_type.code))
    known = targets(document_type)
    for name, rule in written.claims.items():
        path = join("claims", name)
        if name not in known:
            mistakes.add(path, reasons.unknown_claim(document_type.code, name, known))
            continue
        _check_rule(rule, path, mistakes)
        claim = known[name]
        if rule.date_format is not None and (claim is None or claim.element_type not in _MOMENTS):
            mistakes.add(join(path, "date_format"), reasons.NO_DATE)
        if claim is not None and claim.element_type is ClaimType.CODE:
            for value in rule.values.values():
                if value not in claim.codes:
                    mistakes.add(join(path, "values"), reasons.not_a_code(value, claim.name))
    used = {column for rule in written.claims.values() for column in rule.sources}
    for column in written.ignored:
        if column in used:
            mistakes.add("ignored", reasons.ignored_but_used(column))


def _check_rule(rule: ClaimRule, path: str, mistakes: Mistakes) -> None:
    given = [rule.column is not None, bool(rule.columns), rule.constant is not None]
    if given.count(True) != 1:
        mistakes.add(path, reasons.ONE_OF_THREE)
    if (rule.split is None) != (rule.part is None):
        mistakes.add(join(path, "split"), reasons.SPLIT_WITHOUT_PART)
    if rule.part == 0:
        mistakes.add(join(path, "part"), reasons.PART_ZERO)
    if rule.split is not None and rule.column is None:
        mistakes.add(join(path, "split"), reasons.SPLIT_OF_SEVERAL)
    if rule.constant is not None and (rule.values or rule.date_format):
        mistakes.add(path, reasons.CONSTANT_WITH_MORE)
    if rule.date_format is not None and not is_date_format(rule.date_format):
        mistakes.add(join(path, "date_format"), reasons.NO_DATE_FORMAT)
    if len({folded(text) for text in rule.values}) < len(rule.values):
        mistakes.add(join(path, "values"), reasons.VALUES_ALIKE)
