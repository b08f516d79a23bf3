"""Receipts ("biên bản kiểm tra"): signed records of checks, and checking them again years later (docs/receipts.md)."""
