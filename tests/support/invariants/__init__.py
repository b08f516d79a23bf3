"""What must always hold, checked from outside: the database, what clients were told, and what the logs say.

The checks read the tables with SQL of their own and take credentials apart by themselves, so that a fault in the
server's code does not hide itself. Only the envelope of stored values is opened with the server's own code.

    violations = check(Evidence(database_url=…, keys_folder=…, stored=…))
"""

from invariants.checking import check
from invariants.evidence import Evidence, Violation

__all__ = ["Evidence", "Violation", "check"]
