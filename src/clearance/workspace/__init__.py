"""One organisation's instance: opens everything below, hands it to the stages, and is the Python API. Wiring
only.
"""

from clearance.workspace.opening import Workspace, find_workspace
from clearance.workspace.promises import check_policy
from clearance.workspace.records import check_proof_file
from clearance.workspace.restoring import Restoring, restore
from clearance.workspace.root_key import key_settings

__all__ = [
    "Restoring",
    "Workspace",
    "check_policy",
    "check_proof_file",
    "find_workspace",
    "key_settings",
    "restore",
]
