"""One organisation's instance: opens everything below, hands it to the stages, and is the Python API. Wiring
only.
"""

from clearance.workspace.consents import consent_template
from clearance.workspace.opening import Workspace, find_workspace
from clearance.workspace.pictures_alone import open_pictures
from clearance.workspace.promises import check_policy
from clearance.workspace.records import check_proof_file
from clearance.workspace.restoring import Restoring, restore
from clearance.workspace.root_key import key_settings
from clearance.workspace.training_reads import PictureReader

__all__ = [
    "PictureReader",
    "Restoring",
    "Workspace",
    "check_policy",
    "check_proof_file",
    "consent_template",
    "find_workspace",
    "key_settings",
    "open_pictures",
    "restore",
]
