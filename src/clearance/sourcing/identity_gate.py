"""Is a host still whose it was? What its certificate said before against what it says now. Pure.

A host is taken as it is first seen. What of it may not change without a person's look stands in the policy;
everything else that changes is noted and holds nothing.

Source: C5.2; RFC 5280 section 4.1.2 (subject, issuer, subject public key).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from clearance.errors import printable
from clearance.identifiers import Host, Sha256
from clearance.policy import HostWatch, Policy, Reason, RuleId

_MAX_SHOWN_CHARS = 64
"""RFC 5280 allows an organisation this many; what is longer is cut where it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostIdentity:
    """What a host's certificate says of it, escaped; an empty text where it states none."""

    organisation: str
    """The subject's organisation: its owner, which most certificates do not name."""
    issuer: str
    """The organisation that issued it, or the issuer's common name."""
    key_sha256: Sha256
    """Of the SubjectPublicKeyInfo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStanding:
    """How a host is known, and what was seen of it that a person has yet to look at."""

    host: Host
    known: HostIdentity
    first_seen_at: datetime
    seen: HostIdentity | None = None
    """The newest that was seen since a watched change; nothing where there was none."""
    changed_at: datetime | None = None
    """When the watched change was first seen."""
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


def meet_host(
    standing: HostStanding | None, seen: HostIdentity, *, host: Host, policy: Policy, now: datetime
) -> HostStanding:
    """Return how a host is known after it was seen once more.

    Steps: 1 what is seen for the first time is trusted; 2 while a change waits for a person, the newest is
    noted, also where it is as before; 3 a watched change begins to wait; 4 any other is taken over.
    """
    # 1
    if standing is None:
        return HostStanding(host=host, known=seen, first_seen_at=now)
    # 2
    if standing.seen is not None:
        return standing if standing.seen == seen else replace(standing, seen=seen)
    if standing.known == seen:
        return standing
    # 3
    if any(_changes(standing.known, seen, policy.parameters(HostWatch).watched)):
        return replace(standing, seen=seen, changed_at=now)
    # 4
    return replace(standing, known=seen)


def against_host(standing: HostStanding | None, policy: Policy) -> tuple[Reason, ...]:
    """Say what stands against a host: a change that no person has confirmed, whatever is watched today."""
    if standing is None or standing.seen is None:
        return ()
    return (policy.reason(RuleId.HOST_CHANGED, detail=f"{standing.host}: {describe_change(standing)}"),)


def confirm_host(standing: HostStanding, *, by: str, now: datetime) -> HostStanding:
    """Take what was last seen for the host's own: a person has looked."""
    known = standing.seen if standing.seen is not None else standing.known
    return replace(standing, known=known, seen=None, changed_at=None, confirmed_by=by, confirmed_at=now)


def describe_change(standing: HostStanding) -> str:
    """Say how a host was known and what is seen now, in a few words; empty where nothing waits."""
    if standing.seen is None:
        return ""
    since = f"{standing.changed_at:%Y-%m-%d}" if standing.changed_at is not None else "unknown"
    names = _changes(standing.known, standing.seen, ("organisation", "issuer"))
    changes = list(names) or list(_changes(standing.known, standing.seen, ("key",)))
    if not changes:
        return f"showed another certificate on {since}, and now the one it had"
    return f"{', '.join(changes)}, since {since}"


def _changes(was: HostIdentity, now: HostIdentity, watched: tuple[str, ...]) -> Iterator[str]:
    old, new = _said(was), _said(now)
    for name in watched:
        if old[name] != new[name]:
            yield f"{name} {_shown(old[name])} -> {_shown(new[name])}"


def _said(identity: HostIdentity) -> dict[str, str]:
    return {
        "organisation": identity.organisation,
        "issuer": identity.issuer,
        "key": identity.key_sha256,
    }


def _shown(text: str) -> str:
    return f'"{printable(text, max_chars=_MAX_SHOWN_CHARS)}"' if text else "none stated"
