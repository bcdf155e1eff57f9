"""Take it politely: plan, pace, fetch, inspect, gate, seal; the pipeline puts them in order."""

from clearance.collecting.client import Client, ClientLimits
from clearance.collecting.inspected import ENTRY
from clearance.collecting.journal import BatchState, Journal, Run
from clearance.collecting.outcome import Verdict
from clearance.collecting.pipeline import Collection, Job, utc_now
from clearance.collecting.plan import Earlier, make_plan
from clearance.collecting.records import read_evidence, stored_sha256, validators
from clearance.collecting.replay import replay
from clearance.collecting.seal import Stores, recover
from clearance.collecting.table import Columns, read_table
from clearance.collecting.tally import Tally

__all__ = [
    "ENTRY",
    "BatchState",
    "Client",
    "ClientLimits",
    "Collection",
    "Columns",
    "Earlier",
    "Job",
    "Journal",
    "Run",
    "Stores",
    "Tally",
    "Verdict",
    "make_plan",
    "read_evidence",
    "read_table",
    "recover",
    "replay",
    "stored_sha256",
    "utc_now",
    "validators",
]
