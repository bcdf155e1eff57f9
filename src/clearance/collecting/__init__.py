"""Take it politely: plan, pace, fetch, inspect, gate, seal; the pipeline puts them in order."""

from clearance.collecting.catalogue_reader import CatalogueReader, CountedCatalogue
from clearance.collecting.client import Client, ClientLimits
from clearance.collecting.fetch import Fetcher
from clearance.collecting.host_identities import HostIdentityStore
from clearance.collecting.hosts import Hosts
from clearance.collecting.inspected import ENTRY, job_of
from clearance.collecting.journal import BatchState, Journal, Run
from clearance.collecting.ledger import Ledger
from clearance.collecting.outcome import Recheck, Rechecked, Released, Verdict
from clearance.collecting.pace import HostLimits
from clearance.collecting.pipeline import Collection, Job, utc_now
from clearance.collecting.places import Needs
from clearance.collecting.plan import Earlier, make_plan
from clearance.collecting.quotas import Amount, Quota, overall_quotas, project_quota
from clearance.collecting.recheck import Rechecker, RecheckTally
from clearance.collecting.records import is_cut, read_evidence, stored_sha256, validators
from clearance.collecting.replay import facts_from, replay
from clearance.collecting.seal import Batch, Stores, recover
from clearance.collecting.standing import StandingWatch
from clearance.collecting.surveying import SurveyJob, Surveyor, SurveyProgress
from clearance.collecting.table import Columns, read_table
from clearance.collecting.tally import Tally
from clearance.collecting.tasks import cancelled
from clearance.collecting.terms_pages import TermsReader
from clearance.collecting.traces import CollectingTraces
from clearance.collecting.traffic import Load, Traffic
from clearance.collecting.traffic_page import render_traffic
from clearance.collecting.visits import Visits
from clearance.collecting.weighing import Weighing

__all__ = [
    "ENTRY",
    "Amount",
    "Batch",
    "BatchState",
    "CatalogueReader",
    "Client",
    "ClientLimits",
    "CollectingTraces",
    "Collection",
    "Columns",
    "CountedCatalogue",
    "Earlier",
    "Fetcher",
    "HostIdentityStore",
    "HostLimits",
    "Hosts",
    "Job",
    "Journal",
    "Ledger",
    "Load",
    "Needs",
    "Quota",
    "Recheck",
    "RecheckTally",
    "Rechecked",
    "Rechecker",
    "Released",
    "Run",
    "StandingWatch",
    "Stores",
    "SurveyJob",
    "SurveyProgress",
    "Surveyor",
    "Tally",
    "TermsReader",
    "Traffic",
    "Verdict",
    "Visits",
    "Weighing",
    "cancelled",
    "facts_from",
    "is_cut",
    "job_of",
    "make_plan",
    "overall_quotas",
    "project_quota",
    "read_evidence",
    "read_table",
    "recover",
    "render_traffic",
    "replay",
    "stored_sha256",
    "utc_now",
    "validators",
]
