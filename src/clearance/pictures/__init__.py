"""One picture's bytes: metadata in and out, caged decode, content IDs, encode.

What decodes (`decode`, `encode`, `content_ids`) is imported inside the cage only, from its own modules: it
loads native libraries that the process with the network must not have.
"""

from clearance.pictures.cage import Answer, Cage, CageLimits, Crashed
from clearance.pictures.described import NOTHING_DESCRIBED, Described, read_described, record_form
from clearance.pictures.face_boxes import Detector, Face, faces_seen
from clearance.pictures.labelled import Leak, ReadBack, read_back, with_rights
from clearance.pictures.manifest import Manifests, MiningEntry
from clearance.pictures.packed_features import QueryFeatures, read_query, unpack_features
from clearance.pictures.rights_packet import RightsMetadata, bounded_rights
from clearance.pictures.text_lines import TextLine
from clearance.pictures.xmp import CUT, Xmp

__all__ = [
    "CUT",
    "NOTHING_DESCRIBED",
    "Answer",
    "Cage",
    "CageLimits",
    "Crashed",
    "Described",
    "Detector",
    "Face",
    "Leak",
    "Manifests",
    "MiningEntry",
    "QueryFeatures",
    "ReadBack",
    "RightsMetadata",
    "TextLine",
    "Xmp",
    "bounded_rights",
    "faces_seen",
    "read_back",
    "read_described",
    "read_query",
    "record_form",
    "unpack_features",
    "with_rights",
]
