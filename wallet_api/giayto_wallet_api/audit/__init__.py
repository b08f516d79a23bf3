"""The audit log: one entry for every state change, written in the same transaction, never changed afterwards."""
