"""Our types as plain values: what the Python API returns and `--json` prints, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from clearance.collecting import Journal
from clearance.curating import Sample
from clearance.governing import Project
from clearance.identifiers import Sha256
from clearance.policy import Policy, RuleId, read_past_policy
from clearance.sourcing import Licence, Source


def project_facts(project: Project) -> dict[str, Any]:
    """Return a project as plain values."""
    return {
        "name": project.name,
        "purpose": project.purpose,
        "use": project.use.value,
        "subjects": list(project.subjects),
        "target": project.target,
        "owner": project.owner,
        "starts": project.starts.isoformat() if project.starts else None,
        "ends": project.ends.isoformat() if project.ends else None,
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


class Sentences:
    """The public sentences of the policies that decisions cite, each read once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, Policy | None] = {}

    def of(self, policy: str, rule: str) -> str:
        """Return the sentence of a rule, or an empty string where the policy is not on record."""
        if policy not in self._known:
            content = self._journal.policy(Sha256(policy))
            self._known[policy] = read_past_policy(content) if content is not None else None
        stated = self._known[policy]
        return stated.sentence(RuleId(rule)) if stated is not None else ""


def item_facts(record: Mapping[str, Any], sentences: Sentences) -> dict[str, Any]:
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
                "text": sentences.of(record["policy"], reason["rule"]),
                "detail": reason["detail"],
            }
            for reason in record["reasons"]
        ],
        "content_id": record["sha256"] or None,
        "iscc": record["iscc"] or None,
        "caption": record["row"]["caption"],
        "policy": record["policy"],
        "collected_at": record["collected_at"],
    }


def sample_of(record: Mapping[str, Any], jpeg: bytes) -> Sample:
    """Return a kept picture as it goes out, with the credit that its own metadata asks for."""
    kept = record["picture"]["kept"]
    rights = dict(reversed(record.get("rights", [])))
    credit = rights.get("credit") or rights.get("creator") or rights.get("copyright-notice") or ""
    return Sample(
        item_id=record["item_id"],
        jpeg=jpeg,
        url=record["url"],
        caption=record["row"]["caption"],
        source=record["source"],
        basis=record["basis"],
        licence=record["licence"],
        credit=credit,
        sha256=kept["sha256"],
        content_id=record["iscc"],
        width=kept["width"],
        height=kept["height"],
        extra=dict(record["row"]["extra"]),
    )
