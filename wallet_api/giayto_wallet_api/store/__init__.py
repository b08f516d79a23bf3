"""The store: one database, reached through SQLAlchemy Core.

SQLite in WAL mode with full synchronisation is the embedded default; PostgreSQL is another URL. Features
declare their tables on `giayto_wallet_api.store.metadata.metadata` and open transactions on `Database`.
"""
