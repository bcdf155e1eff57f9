"""RSL 1.0, Really Simple Licensing: its documents, what they ask, and where they stand."""

from clearance.sourcing.signals.rsl.reading import SIGNAL

__all__ = ["SIGNAL"]
