"""One picture's bytes: metadata in and out, caged decode, content IDs, encode.

What decodes (`decode`, `encode`, `content_ids`) is imported inside the cage only, from its own modules: it
loads native libraries that the process with the network must not have.
"""

from clearance.pictures.cage import Answer, Cage, CageLimits, Crashed
from clearance.pictures.manifest import Manifests, MiningEntry
from clearance.pictures.xmp import CUT, Xmp

__all__ = ["CUT", "Answer", "Cage", "CageLimits", "Crashed", "Manifests", "MiningEntry", "Xmp"]
