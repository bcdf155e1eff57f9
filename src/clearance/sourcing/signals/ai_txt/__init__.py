"""ai.txt: one name for three kinds of file, told apart before they are read."""

from clearance.sourcing.signals.ai_txt.reading import SIGNAL

__all__ = ["SIGNAL"]
