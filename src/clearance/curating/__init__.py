"""Is it fit to train? So far: exports of what was kept, for a use that its basis grants."""

from clearance.curating.export import ExportFormat, Sample, check_target, write_samples
from clearance.curating.exports import Export, ExportIndex

__all__ = ["Export", "ExportFormat", "ExportIndex", "Sample", "check_target", "write_samples"]
