"""One organisation's instance: opens everything below, hands it to the stages, and is the Python API. Wiring
only.
"""

from clearance.workspace.opening import Workspace, find_workspace
from clearance.workspace.promises import check_policy
from clearance.workspace.records import check_proof_file

__all__ = ["Workspace", "check_policy", "check_proof_file", "find_workspace"]
