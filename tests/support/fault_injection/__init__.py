"""A register that is pushed by one process to another, either of which may be killed at any moment."""

from fault_injection.databases import Databases, KillablePostgresql
from fault_injection.world import PushEnded, World

__all__ = ["Databases", "KillablePostgresql", "PushEnded", "World"]
