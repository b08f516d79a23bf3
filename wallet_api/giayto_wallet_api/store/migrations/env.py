"""Alembic's entry: runs the migrations on the connection that the caller opened."""

from alembic import context

from giayto_wallet_api.store.migrations.rendering import render_item
from giayto_wallet_api.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_item=render_item,
    transactional_ddl=True,  # SQLite and PostgreSQL both roll back schema changes
)
with context.begin_transaction():
    context.run_migrations()
