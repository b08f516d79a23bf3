"""A small trust scheme for tests: a root, certificates for each purpose, agencies, documents, a citizen."""

from trust_scheme.pki import Authority, Certified, make_certificate
from trust_scheme.scheme import NOW, Scheme

__all__ = ["NOW", "Authority", "Certified", "Scheme", "make_certificate"]
