"""robots.txt (RFC 9309): read once for every signal that stands in it, and matched as two engines read it."""

from clearance.sourcing.signals.robots.fetching import SIGNAL, parse

__all__ = ["SIGNAL", "parse"]
