"""The format of `type.toml` as JSON Schema, for editors and for checks in other languages.

It is made from the very classes that read the file. It cannot say what settings must agree on with each other: that is
what `giayto type check` is for.
"""

from typing import Any

import msgspec

from giayto_issuers.document_type.model import DocumentType

SCHEMA_ID = "urn:giayto:type-format:1"


def type_format_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a document type's file."""
    (root,), definitions = msgspec.json.schema_components([DocumentType], ref_template="#/$defs/{name}")
    # Codes are filled in from the code list when a type is loaded; in the file they are no setting.
    del definitions["Claim"]["properties"]["codes"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "giayto document type",
        **root,
        "$defs": {name: _in_one_line(schema) for name, schema in definitions.items()},
    }


def _in_one_line(schema: dict[str, Any]) -> dict[str, Any]:
    """Keep the first paragraph of a docstring: what follows is laid out for readers of the code."""
    if "description" not in schema:
        return schema
    return {**schema, "description": " ".join(schema["description"].split("\n\n")[0].split())}
