"""How much one source may give, and how much of that is used: pure counting, over all runs.

A quota is a number of pictures or bytes, agreed with the source or else the policy's; or a share, of what a
project needs or of what the source has. A share of something unknown allows nothing.

Source: C3.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from clearance.policy import Policy, QuotaDefaults, RuleId, ShareLimits
from clearance.sourcing import Catalogue, Source


class QuotaKind(StrEnum):
    """What a quota counts."""

    ITEMS = "items"
    BYTES = "bytes"
    PROJECT_SHARE = "project-share"
    CATALOGUE_SHARE = "catalogue-share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One quota of one source, and what is used of it."""

    kind: QuotaKind
    most: int
    """Pictures, or bytes."""
    used: int
    """What was erased since is used all the same."""
    is_agreed: bool
    """It was agreed with the source; otherwise it is the policy's."""
    detail: str
    """What it is made of, in a few words, and what to do where it is not known."""

    @property
    def left(self) -> int:
        """How much more may be taken."""
        return max(0, self.most - self.used)

    @property
    def rule(self) -> RuleId:
        """The rule that what lies beyond it is refused by."""
        return RuleId.QUOTA if self.kind in (QuotaKind.ITEMS, QuotaKind.BYTES) else RuleId.SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What a source has given over all runs and projects; what was erased since is counted too."""

    items: int = 0
    bytes: int = 0


def overall_quotas(
    source: Source, *, policy: Policy, taken: Amount, catalogue: Catalogue | None
) -> tuple[Quota, ...]:
    """Return the quotas that hold over all projects; where nothing limits a source, there are none."""
    agreed, defaults = source.quotas, policy.parameters(QuotaDefaults)
    found = []
    if most := agreed.max_items or defaults.max_items:
        found.append(
            Quota(
                kind=QuotaKind.ITEMS,
                most=most,
                used=taken.items,
                is_agreed=agreed.max_items is not None,
                detail=f"{most} pictures",
            )
        )
    if most := agreed.max_bytes or defaults.max_bytes:
        found.append(
            Quota(
                kind=QuotaKind.BYTES,
                most=most,
                used=taken.bytes,
                is_agreed=agreed.max_bytes is not None,
                detail=f"{most} bytes",
            )
        )
    share = agreed.max_catalogue_share or policy.parameters(ShareLimits).max_catalogue_share
    if share < 1:
        found.append(
            Quota(
                kind=QuotaKind.CATALOGUE_SHARE,
                most=0 if catalogue is None else part_of(share, catalogue.pictures),
                used=taken.items,
                is_agreed=agreed.max_catalogue_share is not None,
                detail=_of_catalogue(share, source, catalogue),
            )
        )
    return tuple(found)


def project_quota(
    source: Source, *, policy: Policy, project: str, target: int, taken: int
) -> tuple[Quota, ...]:
    """Return the quota that holds within one project, if there is one."""
    agreed = source.quotas.max_project_share
    share = agreed or policy.parameters(ShareLimits).max_project_share
    if share >= 1:
        return ()
    return (
        Quota(
            kind=QuotaKind.PROJECT_SHARE,
            most=part_of(share, target),
            used=taken,
            is_agreed=agreed is not None,
            detail=f"{share:g} of the {target} pictures that project {project} needs",
        ),
    )


def part_of(share: float, whole: int) -> int:
    """Return how many whole things a share comes to; 0.3 is three tenths, not the nearest binary number."""
    return int(Fraction(str(share)) * whole)


def unlicensed_room(share: float, *, licensed: int, others: int) -> int:
    """Return how many more pictures without a contract may join, so that the licensed share stays (C4.3)."""
    least = Fraction(str(share))
    return max(0, int(licensed * (1 - least) / least) - others)


def _of_catalogue(share: float, source: Source, catalogue: Catalogue | None) -> str:
    if catalogue is None:
        return (
            f"{share:g} of its catalogue, whose size is not known: state it with"
            f" `clearance source catalogue {source.name} --pictures N --how TEXT`, or --from-sitemap"
        )
    return f"{share:g} of the {catalogue.pictures} pictures in its catalogue ({catalogue.how})"
