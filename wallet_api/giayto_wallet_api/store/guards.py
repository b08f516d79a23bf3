"""Guards: triggers that refuse a change whoever asks for it, declared once for both databases.

    guard(audit_entries, "no_update", verb="UPDATE", refusal="the audit log only grows")

The migration of a table names its triggers itself, as text: a migration must mean the same for ever.
"""

from sqlalchemy import DDL, Table, event

from giayto_wallet_api.store.metadata import metadata

_REFUSE = """CREATE OR REPLACE FUNCTION giayto_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN RAISE EXCEPTION '%%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $body$"""


def guard(table: Table, name: str, *, verb: str, refusal: str, when: str = "") -> None:
    """Refuse a kind of change of a table from its creation on.

    Args:
        table: what is guarded.
        name: the trigger is called `<table>_<name>`.
        verb: `UPDATE`, `UPDATE OF column` or `DELETE`; what must not be deleted cannot be truncated either.
        refusal: what is raised, without apostrophes.
        when: a condition over `OLD` and `NEW`; without one every such change is refused.
    """
    trigger = f"CREATE TRIGGER {table.name}_{name}"
    condition = f"WHEN ({when})" if when else ""
    _attach(
        table,
        "sqlite",
        f"{trigger} BEFORE {verb} ON {table.name} {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    )
    each = "ROW" if when else "STATEMENT"
    execute = f"EXECUTE FUNCTION giayto_refuse('{refusal}')"
    _attach(table, "postgresql", f"{trigger} BEFORE {verb} ON {table.name} FOR EACH {each} {condition} {execute}")
    if verb == "DELETE":
        _attach(
            table,
            "postgresql",
            f"{trigger}_truncate BEFORE TRUNCATE ON {table.name} FOR EACH STATEMENT {execute}",
        )


def _attach(table: Table, dialect: str, statement: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


event.listen(metadata, "before_create", DDL(_REFUSE).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
