"""Our types as plain values: what the Python API returns and `--json` prints, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from clearance.collecting import Journal
from clearance.governing import Project, subject_facts
from clearance.identifiers import ErasureId, Sha256
from clearance.policy import Policy, RuleId, read_past_policy
from clearance.register import Tombstone
from clearance.sourcing import (
    Account,
    Catalogue,
    HostStanding,
    Licence,
    Network,
    Passage,
    Source,
    TermsPage,
    TermsReview,
    describe_change,
)


def project_facts(project: Project) -> dict[str, Any]:
    """Return a project as plain values."""
    return {
        "name": project.name,
        "purpose": project.purpose,
        "use": project.use.value,
        "subjects": [subject_facts(subject) for subject in project.subjects],
        "target": project.target,
        "owner": project.owner,
        "starts": project.starts.isoformat() if project.starts else None,
        "ends": project.ends.isoformat() if project.ends else None,
        "licensed_share": project.licensed_share,
        "created_at": project.created_at.isoformat(),
    }


def source_facts(source: Source) -> dict[str, Any]:
    """Return a source as plain values."""
    return {
        "name": source.name,
        "owner": source.owner,
        "hosts": [pattern.text for pattern in source.hosts],
        "basis": source.basis.value,
        "open_licence": source.open_licence,
        "diligence": source.diligence,
        "diligence_sha256": source.diligence_sha256,
        "quotas": asdict(source.quotas),
        "pace": asdict(source.pace),
    }


def changed_host_facts(standing: HostStanding) -> dict[str, Any]:
    """Return a host that waits for a person as plain values."""
    return {
        "host": standing.host,
        "change": describe_change(standing),
        "was": asdict(standing.known),
        "is": asdict(standing.seen) if standing.seen is not None else None,
        "changed_at": standing.changed_at.isoformat() if standing.changed_at else None,
    }


def catalogue_facts(catalogue: Catalogue | None) -> dict[str, Any] | None:
    """Return the size of a source's catalogue as plain values; nothing where it is not known."""
    if catalogue is None:
        return None
    return {
        "pictures": catalogue.pictures,
        "how": catalogue.how,
        "stated_at": catalogue.stated_at.isoformat(),
    }


def licence_facts(licence: Licence) -> dict[str, Any]:
    """Return a licence as plain values."""
    return {
        "id": licence.id,
        "licensor": licence.licensor,
        "sources": list(licence.sources),
        "paths": list(licence.paths),
        "uses": sorted(grant.value for grant in licence.grants),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": licence.valid_until.isoformat() if licence.valid_until else None,
        "conditions": licence.conditions,
        "reference": licence.reference,
    }


def terms_page_facts(page: TermsPage) -> dict[str, Any]:
    """Return where a terms page stands as plain values, without its text."""
    current = page.current
    return {
        "url": page.url,
        "state": current.state.value if current is not None else page.latest.state.value,
        "sha256": page.sha256,
        "characters": len(current.text) if current is not None else 0,
        "given_by_hand": current.given_by_hand if current is not None else False,
        "fetched_at": current.fetched_at.isoformat() if current is not None else None,
        "seen_at": current.seen_at.isoformat() if current is not None else None,
        "why": page.why,
        "latest": {
            "state": page.latest.state.value,
            "seen_at": page.latest.seen_at.isoformat(),
            "status": page.latest.status,
            "why": page.latest.why,
        },
        "review": terms_review_facts(page.review) if page.review is not None else None,
        "changed": page.review is not None and page.review.sha256 != page.sha256,
    }


def terms_review_facts(review: TermsReview) -> dict[str, Any]:
    """Return a review of terms as plain values."""
    return {
        "source": review.source,
        "url": review.url,
        "sha256": review.sha256,
        "verdict": review.verdict.value,
        "reviewer": review.reviewer,
        "note": review.note,
        "reviewed_at": review.reviewed_at.isoformat(),
    }


def passage_facts(passage: Passage) -> dict[str, Any]:
    """Return a marked passage as plain values; start and end count characters of the text."""
    return {
        "start": passage.start,
        "end": passage.end,
        "topic": passage.topic.value,
        "language": passage.language,
        "sentence": passage.sentence,
    }


def account_facts(account: Account) -> dict[str, Any]:
    """Return an account as plain values."""
    return {
        "name": account.name,
        "source": account.source,
        "mailbox": account.mailbox,
        "responsible": account.responsible,
        "last_checked": account.last_checked.isoformat() if account.last_checked else None,
        "checked_by": account.checked_by,
        "created_at": account.created_at.isoformat(),
    }


def network_facts(network: Network) -> dict[str, Any]:
    """Return a network as plain values."""
    return {
        "name": network.name,
        "provider": network.provider,
        "addresses": [str(block) for block in network.addresses],
        "bandwidth": network.bandwidth,
        "valid_from": network.valid_from.isoformat(),
        "valid_until": network.valid_until.isoformat() if network.valid_until else None,
        "created_at": network.created_at.isoformat(),
    }


class Sentences:
    """The public sentences of the policies that decisions cite, each read once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, Policy | None] = {}

    def __call__(self, policy: str, rule: RuleId) -> str:
        """Return the sentence of a rule, or an empty string where the policy is not on record."""
        if policy not in self._known:
            content = self._journal.policy(Sha256(policy))
            self._known[policy] = read_past_policy(content) if content is not None else None
        stated = self._known[policy]
        return stated.sentence(rule) if stated is not None else ""


def item_facts(record: Mapping[str, Any], sentence: Callable[[str, RuleId], str]) -> dict[str, Any]:
    """Return an item as plain values, its reasons in the words of the policy that decided."""
    return {
        "id": record["item_id"],
        "url": record["url"],
        "host": record["host"],
        "project": record["project"],
        "source": record["source"],
        "basis": record["basis"],
        "licence": record["licence"],
        "decision": record["decision"],
        "reasons": [
            {
                "control": reason["control"],
                "rule": reason["rule"],
                "outcome": reason["outcome"],
                "signal": reason["signal"],
                "text": sentence(record["policy"], RuleId(reason["rule"])),
                "detail": reason["detail"],
            }
            for reason in record["reasons"]
        ],
        "content_id": record["sha256"] or None,
        "iscc": record["iscc"] or None,
        "caption": record["row"]["caption"],
        "policy": record["policy"],
        "collected_at": record["collected_at"],
        "subject": record.get("subject") or None,
    }


def tombstone_facts(erasure: ErasureId, place: int, stone: Tombstone) -> dict[str, Any]:
    """Return what stays of an erased item as plain values."""
    return {
        "erasure": erasure,
        "place": place,
        "batch": stone.batch,
        "leaf": stone.position,
        "source": stone.source,
        "project": stone.project,
        "decision": stone.decision,
        "bytes": stone.size,
        "reason": stone.reason,
        "erased_at": stone.erased_at.isoformat(),
    }
