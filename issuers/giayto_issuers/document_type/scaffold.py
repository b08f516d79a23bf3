"""The beginning of a new type: a file that passes every check, for a clerk to go on from."""

from giayto_issuers.subjects import PERSON, SubjectKind

_HEAD = """\
# {code}: viết tên và mô tả bằng tiếng Việt và tiếng Anh / write titles and description in both languages.
# How to read and change this file: docs/document-types.md. Check it: giayto type check {code}

code = "{code}"
version = 1
vct = "urn:giayto:type:{code}:1"
holder_kind = "{holder_kind}"
titles = {{ vi = "{code}", en = "{code}" }}
description = {{ vi = "Mô tả {code}", en = "What {code} is" }}
event_claim = "issued_on"

[owner]
agency = "{owner}"
name = {{ vi = "{agency}", en = "{agency}" }}

# Ai được cấp / who may issue it: "{agency}"; "H??" là mọi tỉnh / every province; "H??.*" đơn vị thuộc tỉnh / its units.
[issuing]
agencies = ["{agency}"]

[source]
row_key_column = "KHOA_DONG"
ignored_columns = ["STT"]

[use]
single_use = false
sensitivity = "ordinary"

[[use.purposes]]
code = "THU_TUC_HANH_CHINH"
name = {{ vi = "Thủ tục hành chính", en = "Administrative procedures" }}

[validity]
rule = "until-revoked"

[live_status]
invalid = {{ vi = "Đã bị thu hồi", en = "Withdrawn" }}

[integration]
stage = "proposed"

[sources]
AGENCY = "What the agency itself says of its paper"
"""

_SUBJECT = {
    PERSON: (
        ("personal_number", "identifier", "personal-number", "SO_CCCD", "Số định danh cá nhân", "Personal number"),
        ("full_name", "identifier", "person-name", "HO_TEN", "Họ và tên", "Full name"),
        ("birth_date", "date", None, "NGAY_SINH", "Ngày sinh", "Date of birth"),
    ),
    "organisation": (
        ("tax_code", "identifier", "tax-code", "MA_SO_THUE", "Mã số thuế", "Tax code"),
        ("organisation_name", "string", None, "TEN_TO_CHUC", "Tên tổ chức", "Name of the organisation"),
    ),
}
_DATES = (("issued_on", "date", None, "NGAY_CAP", "Ngày cấp", "Date of issue"),)


def new_type(code: str, *, holder_kind: SubjectKind, agency: str) -> str:
    """Return the text of a new type's `type.toml`.

    Args:
        code: of the type, which is the name of its folder.
        holder_kind: whom its documents are about.
        agency: that issues it, such as `G18` or `H26.12`; its first level owns the type.
    """
    head = _HEAD.format(code=code, holder_kind=holder_kind, agency=agency, owner=agency.split(".")[0])
    claims = (*_SUBJECT[holder_kind], *_DATES)
    return head + "".join(_claim(*claim) for claim in claims)


def _claim(name: str, kind: str, identifier: str | None, column: str, vi: str, en: str) -> str:
    lines = [f'name = "{name}"', f'type = "{kind}"']
    if identifier is not None:
        lines.append(f'identifier = "{identifier}"')
    label = f'label = {{ vi = "{vi}", en = "{en}" }}'
    lines += [f'columns = ["{column}"]', label, "mandatory = true", 'source = "AGENCY"']
    return "\n".join(["", "[[claims]]", *lines, ""])
