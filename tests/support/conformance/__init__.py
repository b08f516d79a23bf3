"""Which public test vectors are run, how they came out, and the page that says so (docs/conformance.md)."""

from conformance.outcomes import Outcomes, Report
from conformance.page import render
from conformance.vector_sets import NOT_RUN, VECTOR_SETS, VectorSet

__all__ = ["NOT_RUN", "VECTOR_SETS", "Outcomes", "Report", "VectorSet", "render"]
