"""Data quality of a batch of records, by five words: đúng, đủ, sạch, sống, thống nhất."""

from giayto_issuers.quality.checking import QualityCheck, check_quality
from giayto_issuers.quality.findings import Dimension, Finding, Severity
from giayto_issuers.quality.report import QualityReport

__all__ = ["Dimension", "Finding", "QualityCheck", "QualityReport", "Severity", "check_quality"]
