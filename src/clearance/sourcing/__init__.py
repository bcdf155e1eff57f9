"""May we take it? Sources, licences, signals and the collect gate."""

from clearance.sourcing.accounts import Account, AccountStore
from clearance.sourcing.catalogues import Catalogue, CatalogueStore
from clearance.sourcing.collect_gate import (
    CollectFacts,
    Found,
    basis_of,
    foresee,
    may_collect,
    may_request,
)
from clearance.sourcing.identity_gate import (
    HostIdentity,
    HostStanding,
    against_host,
    confirm_host,
    describe_change,
    meet_host,
)
from clearance.sourcing.licences import Grant, Licence, LicenceIndex, LicenceStore
from clearance.sourcing.markup import PageText, parse_page, read_text
from clearance.sourcing.networks import (
    Network,
    NetworkIndex,
    NetworkStore,
    parse_bandwidth,
    parse_block,
)
from clearance.sourcing.observed import (
    Embedded,
    HostFile,
    HostFiles,
    Page,
    PageLink,
    PageObject,
    PageScript,
    ResponseHead,
)
from clearance.sourcing.open_licences import OpenLicence, UnknownLicence, normalise_licence
from clearance.sourcing.registries import OptOutRegistry, read_registry
from clearance.sourcing.signals.evaluation import (
    HOST_FILES,
    SIGNALS,
    evaluate_host,
    host_leads,
    page_leads,
    read_embedded,
    read_page,
    read_response,
    response_leads,
)
from clearance.sourcing.signals.signal import HostRules
from clearance.sourcing.sitemaps import Sitemap, SitemapPage, named_sitemaps, read_sitemap
from clearance.sourcing.source_gate import SourceFacts, against_source, needs_review
from clearance.sourcing.sources import (
    Basis,
    HostPattern,
    Pace,
    Quotas,
    Source,
    SourceIndex,
    SourceStore,
    parse_host_pattern,
)
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, Statement, Unreadable, merge
from clearance.sourcing.survey import Advice, Estimate, HostSurvey, Survey, ordered
from clearance.sourcing.survey_report import render_survey
from clearance.sourcing.terms import (
    TermsPage,
    TermsReview,
    TermsSnapshot,
    TermsState,
    TermsVerdict,
    changes,
    found,
    pages_to_read,
    without_text,
)
from clearance.sourcing.terms_cues import Topic
from clearance.sourcing.terms_links import USUAL_PATHS, terms_links
from clearance.sourcing.terms_passages import Passage, passages
from clearance.sourcing.terms_store import TermsStore
from clearance.sourcing.use_gate import may_use
from clearance.sourcing.uses import Use, use_of_project
from clearance.sourcing.verdicts import Standing, UseVerdict, verdicts

__all__ = [
    "HOST_FILES",
    "SIGNALS",
    "SILENCE",
    "USUAL_PATHS",
    "Account",
    "AccountStore",
    "Advice",
    "Answer",
    "Basis",
    "Catalogue",
    "CatalogueStore",
    "CollectFacts",
    "Embedded",
    "Estimate",
    "Found",
    "Grant",
    "HostFile",
    "HostFiles",
    "HostIdentity",
    "HostPattern",
    "HostRules",
    "HostStanding",
    "HostSurvey",
    "Licence",
    "LicenceIndex",
    "LicenceStore",
    "Network",
    "NetworkIndex",
    "NetworkStore",
    "OpenLicence",
    "OptOutRegistry",
    "Pace",
    "Page",
    "PageLink",
    "PageObject",
    "PageScript",
    "PageText",
    "Passage",
    "Quotas",
    "Reading",
    "ResponseHead",
    "Scope",
    "Sitemap",
    "SitemapPage",
    "Source",
    "SourceFacts",
    "SourceIndex",
    "SourceStore",
    "Standing",
    "Statement",
    "Survey",
    "TermsPage",
    "TermsReview",
    "TermsSnapshot",
    "TermsState",
    "TermsStore",
    "TermsVerdict",
    "Topic",
    "UnknownLicence",
    "Unreadable",
    "Use",
    "UseVerdict",
    "against_host",
    "against_source",
    "basis_of",
    "changes",
    "confirm_host",
    "describe_change",
    "evaluate_host",
    "foresee",
    "found",
    "host_leads",
    "may_collect",
    "may_request",
    "may_use",
    "meet_host",
    "merge",
    "named_sitemaps",
    "needs_review",
    "normalise_licence",
    "ordered",
    "page_leads",
    "pages_to_read",
    "parse_bandwidth",
    "parse_block",
    "parse_host_pattern",
    "parse_page",
    "passages",
    "read_embedded",
    "read_page",
    "read_registry",
    "read_response",
    "read_sitemap",
    "read_text",
    "render_survey",
    "response_leads",
    "terms_links",
    "use_of_project",
    "verdicts",
    "without_text",
]
