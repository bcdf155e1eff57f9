"""The parameters that rules take from the policy file, one class a rule, validated when the file is read.

Units stand in the names. A bound that is a promise to rights holders or site owners stands here; a bound that
only keeps this program safe is a constant where it is used.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from clearance.policy.rules import RuleId

PositiveInt = Annotated[int, Field(gt=0)]
NaturalInt = Annotated[int, Field(ge=0)]
_ARCHIVE = (
    r"^(?:\*\.)?(?:[A-Za-z0-9_][A-Za-z0-9_-]*\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))?$"
)
"""A host, or all below a name of two labels at least: nobody means every site of a country."""
Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Days = Annotated[int, Field(ge=0, le=36_500)]
PositiveDays = Annotated[int, Field(gt=0, le=36_500)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Parameters(BaseModel):
    """What one rule takes from the policy file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    rule: ClassVar[RuleId]


class PaceLimits(Parameters):
    """How a host may be visited where its source agreed nothing else (C3.7)."""

    rule = RuleId.PACE
    max_concurrent: PositiveInt
    min_delay_s: Seconds
    latency_factor: Annotated[float, Field(ge=0, le=100)]
    """The next request waits at least this many times the host's usual answering time."""
    max_crawl_delay_s: Seconds
    """A site that asks for a longer crawl-delay is not visited at all."""
    daily_requests: PositiveInt
    daily_bytes: PositiveInt
    max_retries: NaturalInt
    """How often one picture is asked for again after a 429, a 5xx or a broken connection."""
    backoff_s: Seconds
    """The first wait after a 429 or 5xx; it doubles each time."""
    max_backoff_s: Seconds
    """A host that asks for a longer wait is left until the next run."""
    give_up_after: PositiveInt
    """A host that fails this many times in a row is left until the next run."""


class FetchLimits(Parameters):
    """What one response may cost (C5.2)."""

    rule = RuleId.FETCH_LIMITS
    max_picture_bytes: PositiveInt
    max_host_file_bytes: PositiveInt
    """robots.txt and the like; at least 500 KiB must be read (RFC 9309 section 2.5)."""
    timeout_s: Seconds
    connect_timeout_s: Seconds
    max_redirects: NaturalInt
    host_file_max_age_s: Seconds
    """A host is asked again after this time; RFC 9309 section 2.4 allows 24 hours at most."""


class PictureLimits(Parameters):
    """What is decoded and what is kept (C3.6, C5.2)."""

    rule = RuleId.PICTURE_LIMITS
    formats: tuple[str, ...]
    max_pixels: PositiveInt
    min_side_px: PositiveInt
    longest_side_px: PositiveInt
    """A kept picture's longest side: more than training needs is not kept."""
    jpeg_quality: Annotated[int, Field(ge=1, le=100)]
    timeout_s: Seconds
    max_memory_bytes: PositiveInt


class QuotaDefaults(Parameters):
    """How much may be taken from one source where it agreed nothing else (C3.6); 0 means no limit is set."""

    rule = RuleId.QUOTA
    max_items: NaturalInt
    max_bytes: NaturalInt


class OpenLicences(Parameters):
    """The open licences that count as a basis, by the ids of the licence table."""

    rule = RuleId.BASIS_OPEN_LICENCE
    accepted: tuple[str, ...]


class LiftedReservations(Parameters):
    """The site-wide signals that a licence from the rights holder answers; a picture's own signals never."""

    rule = RuleId.RESERVATION_LIFTED
    signals: tuple[str, ...]


class TermsDuty(Parameters):
    """Whose terms of service a person must have read, and for how long that holds (C1.4)."""

    rule = RuleId.TERMS_REVIEWED
    exempt_bases: tuple[Literal["licence", "own-work"], ...]
    """Bases that need no review: what is taken under them is governed by a contract, or is ours."""
    open_licence_archives: tuple[Annotated[str, Field(pattern=_ARCHIVE)], ...]
    """Host patterns of archives that invite collection under open licences; no review is needed there."""
    review_valid_days: Annotated[int, Field(gt=0, le=366)]


class TermsWatch(Parameters):
    """How often terms of service that were reviewed are looked at again (C1.4)."""

    rule = RuleId.TERMS_CHANGED
    check_interval_s: Annotated[float, Field(ge=0, le=31_536_000)]


class AccountChecks(Parameters):
    """How long the mailbox of an account may go unread (C2.2)."""

    rule = RuleId.ACCOUNT_MONITORED
    max_check_age_days: Annotated[int, Field(gt=0, le=31)]


class SurveyLimits(Parameters):
    """How much a survey looks at (C3.7)."""

    rule = RuleId.SURVEY
    pages_per_host: Annotated[int, Field(ge=0, le=20)]
    """Pages that are read of one host at most."""


class NetworkDuty(Parameters):
    """Whether a request may leave from an address that nobody registered (C2.3)."""

    rule = RuleId.NETWORK_REGISTERED
    is_required: bool


class RecheckLimits(Parameters):
    """How old a reading of signals may become before it is taken anew (C1.5)."""

    rule = RuleId.RECHECK
    max_age_days: Annotated[int, Field(ge=0, le=366)]


class RiskDuty(Parameters):
    """For how long a signed risk analysis holds before it is looked at again (C3.3)."""

    rule = RuleId.RISK_SIGNED
    valid_days: Annotated[int, Field(gt=0, le=366)]


class LicensedShare(Parameters):
    """The least share of licensed pictures in a project that states no floor of its own (C4.3)."""

    rule = RuleId.LICENSED_FIRST
    min_share: Share


class ShareLimits(Parameters):
    """How much of a project, and of its own catalogue, one source may give (C3.6); 1.0 means no limit."""

    rule = RuleId.SHARE
    max_project_share: PositiveShare
    max_catalogue_share: PositiveShare


class HostWatch(Parameters):
    """What of a host's certificate may not change without a person's look (C5.2)."""

    rule = RuleId.HOST_CHANGED
    watched: tuple[Literal["organisation", "issuer", "key"], ...]


class FloodLimits(Parameters):
    """When near-identical pictures from one host are a flood (C5.2)."""

    rule = RuleId.NEAR_IDENTICAL_FLOOD
    window: PositiveInt
    """The host's last pictures of a run that a new one is compared with."""
    max_distance_bits: Annotated[int, Field(ge=0, le=64)]
    """Of the 256 bits of two PDQ codes; 31 is the usual bound for a copy."""
    max_near: PositiveInt
    """From this many near-identical ones on, further ones are held."""


class MatchLimits(Parameters):
    """When two pictures are the same one, and when a person is shown them (C1.2); bits are of a code's 256.

    PDQ codes of unrelated photographs differ in 82 bits at least, as measured in `make bench`.
    """

    rule = RuleId.MATCHING
    match_pdq_bits: Annotated[int, Field(ge=0, le=64)]
    possible_pdq_bits: Annotated[int, Field(ge=0, le=80)]
    min_pdq_quality: Annotated[int, Field(ge=0, le=100)]
    """Below this a picture has too little in it for its code to tell it from another."""
    match_inliers: Annotated[int, Field(ge=8, le=200)]
    """Local features that agree on one turn, scale and shift of the picture, at places of their own."""
    possible_inliers: Annotated[int, Field(ge=8, le=200)]
    vote_bits: Annotated[int, Field(ge=0, le=80)]
    """Two local features up to here vote for their picture being looked at."""
    candidates: Annotated[int, Field(gt=0, le=1000)]
    """Pictures that are compared feature by feature at most."""

    @model_validator(mode="after")
    def _are_ordered(self) -> Self:
        if self.match_pdq_bits > self.possible_pdq_bits or self.possible_inliers > self.match_inliers:
            raise ValueError("a match must be nearer than what is only possible")
        return self


class PeopleDuty(Parameters):
    """When a picture counts as showing a person (P2.1, C4.1); scores are of 1."""

    rule = RuleId.PEOPLE_CONSENT
    candidate_yunet: Annotated[float, Field(ge=0.6, le=0.9)]
    """From here on a person must look, or a model release covers the picture."""
    candidate_centerface: Annotated[float, Field(ge=0.4, le=0.9)]
    confident: Annotated[float, Field(ge=0.6, le=1)]
    """From here on the picture is refused unless model releases cover everybody in it."""
    sensitive_words: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...]
    """Keywords and words of a caption beside which no minor may stand."""


class TextMarks(Parameters):
    """Names that stand in pictures of agencies; found in the pixels, they put a picture on hold (C1.1)."""

    rule = RuleId.TEXT_MARK
    marks: tuple[Annotated[str, Field(min_length=4, max_length=60)], ...]
    """Found anywhere in a picture, one letter in six may be misread."""
    short_marks: tuple[Annotated[str, Field(min_length=2, max_length=8)], ...]
    """Count only beside a word of credit: they stand in too many pictures by chance."""
    is_reader_required: bool
    """Whether a picture whose text nobody could read waits, too: the reader is an extra."""


class PersonalDataKinds(Parameters):
    """Kinds of personal data in text that put a picture on hold (C4.1)."""

    rule = RuleId.PERSONAL_DATA
    kinds: tuple[
        Literal["e-mail", "phone", "iban", "card", "travel-document", "number-plate", "name-badge"], ...
    ]


class MetadataDuty(Parameters):
    """What of a picture's own description goes along when it is handed on (C4.1)."""

    rule = RuleId.METADATA
    keeps_country: bool
    date_precision: Literal["none", "year", "month"]
    withheld_columns: tuple[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], ...]
    """Further columns of the table that a picture was collected by which never leave: by their names, in
    lower case and without other signs than letters and digits.
    """


class AuditConventions(Parameters):
    """Where a balance audit draws its lines (C4.2): conventions of other fields, no norms of this one.

    HHI bounds are those of the 2023 US merger guidelines, ratios the four-fifths rule of employment law.
    """

    rule = RuleId.BALANCE_AUDIT
    hhi_moderate: PositiveShare
    hhi_high: PositiveShare
    max_source_share: PositiveShare
    ratio_low: PositiveShare
    ratio_high: Annotated[float, Field(ge=1, le=10)]
    tvd_warn: PositiveShare
    tvd_fail: PositiveShare
    min_coverage: Share
    """Below this share of known values there is no verdict."""
    min_cell: PositiveInt
    """Below this many pictures there is no verdict."""
    min_published_cell: PositiveInt
    """Cells of declared attributes with fewer pictures are not shown: somebody could be known by them."""
    bootstrap_draws: Annotated[int, Field(ge=1000, le=100_000)]
    confidence: Annotated[float, Field(ge=0.8, le=0.999)]
    is_target_required: bool
    """Whether a dataset version needs targets that were stated before."""


class RetentionClocks(Parameters):
    """How long what is kept without a reason of its own (C3.2, C3.4, C3.5); days are counted in `time_zone`.

    A licence's and a project's last day are stated with them; here stands how many days are granted after it.
    """

    rule = RuleId.RETENTION
    time_zone: str
    """An IANA name, where a day ends: of the licences and contracts of this workspace."""
    staging_hours: Annotated[int, Field(ge=1, le=720)]
    """Half-written files that no run is writing any more."""
    licence_grace_days: Days
    project_grace_days: Days
    kept_days: PositiveDays
    """Kept pictures, also of a project and under a licence that last longer."""
    held_days: PositiveDays
    """Pictures that wait for a person."""
    refused_days: PositiveDays
    """Records of pictures that were refused or failed; they hold no bytes, but an address and a caption."""
    request_file_days: PositiveDays
    """Files in the folder `requests`: correspondence with people who asked."""
    visit_days: PositiveDays
    """The visit ledger."""
    read_days: PositiveDays
    """The list of who read what."""

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no IANA time zone")
        return value


class PruneLimits(Parameters):
    """What training does not need (C3.4)."""

    rule = RuleId.NOT_NEEDED
    duplicate_distance_bits: Annotated[int, Field(ge=0, le=15)]
    """Of the 256 bits of two PDQ codes: up to here two pictures of a project are the same one."""
    min_duplicate_quality: Annotated[int, Field(ge=0, le=100)]
    """Below this PDQ quality a picture has too little in it to be told from another."""
    min_side_px: PositiveInt
    """Kept pictures smaller than this are of no use to training."""


class AccessDuty(Parameters):
    """Who reads, says why (C5.1)."""

    rule = RuleId.ACCESS
    is_reason_required: bool
    max_token_days: Annotated[int, Field(gt=0, le=366)]


class TwoPersons(Parameters):
    """What no one does alone (C5.1): the keys of a source are destroyed by two persons in any case."""

    rule = RuleId.TWO_PERSONS
    bulk_export_items: NaturalInt
    """Exports of more pictures than this need a second person."""
    approval_valid_hours: Annotated[int, Field(gt=0, le=720)]


PARAMETERS: dict[RuleId, type[Parameters]] = {
    model.rule: model
    for model in (
        PaceLimits,
        FetchLimits,
        PictureLimits,
        QuotaDefaults,
        OpenLicences,
        LiftedReservations,
        TermsDuty,
        TermsWatch,
        AccountChecks,
        SurveyLimits,
        NetworkDuty,
        RecheckLimits,
        RiskDuty,
        LicensedShare,
        ShareLimits,
        HostWatch,
        FloodLimits,
        MatchLimits,
        PeopleDuty,
        TextMarks,
        PersonalDataKinds,
        MetadataDuty,
        AuditConventions,
        RetentionClocks,
        PruneLimits,
        AccessDuty,
        TwoPersons,
    )
}
