"""Is it fit to train? So far: exports of what was kept, for a use that its basis grants."""

from clearance.curating.export import ExportFormat, Sample, write_samples

__all__ = ["ExportFormat", "Sample", "write_samples"]
