"""Alembic migrations: expand, backfill, contract. `giayto_wallet_api.store.migrating` runs them."""
