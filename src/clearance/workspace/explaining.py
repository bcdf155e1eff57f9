"""Why an item was taken or refused, or what an address would meet: every fact, signal, verdict and rule.

Source: C1.2, C2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clearance.collecting import facts_from, read_evidence, utc_now
from clearance.errors import printable
from clearance.governing import Permission
from clearance.identifiers import Malformed, Sha256, WebUrl, parse_url
from clearance.policy import CONTROLS, Policy, Reason, read_past_policy
from clearance.register import ItemFilter, StoredItem
from clearance.sourcing import (
    SILENCE,
    CollectFacts,
    HostFile,
    HostFiles,
    Reading,
    Source,
    Use,
    against_source,
    evaluate_host,
    foresee,
    merge,
    use_of_project,
    verdicts,
)
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.plain import item_facts
from clearance.workspace.promises import Projects
from clearance.workspace.records import Items, stored_item
from clearance.workspace.terms import Terms
from clearance.workspace.visiting import opt_out_registries

_CONTROLS = {control.id: control.title for control in CONTROLS}


class Explanations:
    """Explains items and addresses of a workspace; asks nobody."""

    def __init__(
        self,
        holding: Holding,
        *,
        projects: Projects,
        sources: Sources,
        licences: Licences,
        terms: Terms,
        items: Items,
    ) -> None:
        self._holding = holding
        self._journal = holding.stores.journal
        self._agent = holding.configuration.crawler.token
        self._projects = projects
        self._sources = sources
        self._licences = licences
        self._terms = terms
        self._items = items

    def explain(self, subject: str, *, project: str = "") -> dict[str, Any]:
        """Explain an item by its id, or an address by its newest record, or by what its host said so far.

        Raises:
            BadInput: it is neither an item nor an address.
        """
        self._holding.require(Permission.READ)
        url = parse_url(subject)
        if isinstance(url, Malformed):
            return self._item(stored_item(self._holding, subject))
        chosen = ItemFilter(project=project, url=url.text)
        found = list(self._holding.stores.items.records(chosen))
        return self._item(found[-1]) if found else self._address(url, project)

    def _item(self, stored: StoredItem) -> dict[str, Any]:
        self._holding.note_read("explain", items=1, item=stored.record["item_id"])
        record, evidence = stored.record, read_evidence(stored.evidence)
        content = self._journal.policy(Sha256(record["policy"]))
        policy = read_past_policy(content) if content is not None else self._holding.policy
        files = self._files(record)
        url = parse_url(record["url"])
        shown = item_facts(record, lambda _, rule: policy.sentence(rule))
        told: dict[str, Any] = {
            "subject": {"item": record["item_id"], "url": record["url"]},
            "decision": record["decision"],
            "decided_at": record.get("rechecked_at", record["collected_at"]),
            "reasons": [{**reason, "title": _CONTROLS[reason["control"]]} for reason in shown["reasons"]],
            "facts": _record_facts(stored),
            "asked": [_file_facts(file) for file in files],
            "policy": {"hash": record["policy"], "version": policy.version},
            "standing": [],
            "signals": [],
            "unreadable": [],
            "notes": [],
            "verdicts": [],
            "replay": None,
        }
        if isinstance(url, Malformed) or "cut" in evidence:
            return told
        source = next((each for each in self._sources.all() if each.name == record["source"]), None)
        if source is not None:
            told["standing"] = [_reason_facts(each, self._holding.policy) for each in self._against(source)]
        facts = facts_from(
            record,
            evidence,
            host_files=files,
            source=source,
            licences=self._licences.index().covering(record["source"], url.target),
            agent=self._agent,
        )
        told["replay"] = self._items.replayed(stored)
        return {**told, **_said(facts)}

    def _address(self, url: WebUrl, project: str) -> dict[str, Any]:
        """Say what an address without a record would meet, from what its host said when last asked."""
        policy = self._holding.policy
        files = self._journal.host_files_of(url.origin)
        source = self._sources.index().match(url.host)
        use = use_of_project(self._projects.get(project).use.value) if project else Use.GENERATIVE
        facts = CollectFacts(
            url=url,
            project_use=use,
            source=source,
            licences=self._licences.index().covering(source.name, url.target) if source is not None else (),
            stated_licence="",
            host=evaluate_host(HostFiles.of(url.origin, files), agent=self._agent).read(url.target),
            response=SILENCE,
            embedded=SILENCE,
            registry=merge(each.of_url(url) for each in opt_out_registries(self._holding)),
            now=utc_now(),
        )
        against = self._against(source) if source is not None else ()
        decision = policy.decide([*against, *foresee(facts, policy).reasons])
        asked = "its host was asked" if files else "its host was never asked: `clearance survey` asks"
        return {
            "subject": {"item": None, "url": url.text},
            "decision": f"not collected; as far as is known: {decision.outcome.value}",
            "decided_at": None,
            "reasons": [_reason_facts(reason, policy) for reason in decision.reasons],
            "facts": [
                ["what is known", f"nothing was ever recorded of this address; {asked}"],
                ["use that is meant", use.value],
                ["source", source.name if source is not None else "none is registered for this host"],
            ],
            "asked": [_file_facts(file) for file in files],
            "policy": {"hash": policy.hash, "version": policy.version},
            "standing": [_reason_facts(reason, policy) for reason in against],
            "replay": None,
            **_said(facts),
        }

    def _against(self, source: Source) -> tuple[Reason, ...]:
        return against_source(self._terms.facts(source), self._holding.policy)

    def _files(self, record: Mapping[str, Any]) -> list[HostFile]:
        found = [self._journal.evidence(Sha256(sha256)) for sha256 in record["host_files"]]
        return [file for file in found if file is not None]


def _said(facts: CollectFacts) -> dict[str, Any]:
    """Return what rights holders said, place by place, and both verdicts for every use."""
    places = (
        ("host", facts.host),
        ("page", facts.page),
        ("response", facts.response),
        ("picture", facts.embedded),
        ("registry", facts.registry),
    )
    everything = merge(reading for _, reading in places)
    return {
        "signals": [each for place, reading in places for each in _signals(place, reading)],
        "unreadable": [
            {
                "place": place,
                "signal": each.signal,
                "where": each.where,
                "why": each.why,
                "evidence": list(each.evidence),
            }
            for place, reading in places
            for each in reading.unreadable
        ],
        "notes": [[place, name, value] for place, reading in places for name, value in reading.notes],
        "verdicts": [
            {
                "use": verdict.use.value,
                "spec": verdict.spec.value,
                "policy": verdict.policy.value,
                "by_standard": {name: standing.value for name, standing in verdict.by_standard},
                "for_now": verdict.is_for_now,
            }
            for verdict in verdicts(everything)
        ],
    }


def _signals(place: str, reading: Reading) -> Iterable[dict[str, Any]]:
    for each in reading.statements:
        yield {
            "place": place,
            "signal": each.signal,
            "use": each.use.value,
            "answer": each.answer.value,
            "scope": each.scope.value,
            "where": each.where,
            "quote": each.quote,
            "evidence": list(each.evidence),
            "is_specified": each.is_specified,
            "is_temporary": each.is_temporary,
        }


def _record_facts(stored: StoredItem) -> list[list[str]]:
    record = stored.record
    response = record.get("response", {})
    facts = {
        "project": record["project"],
        "use that is meant": record["use"],
        "source": record["source"] or "none is registered for this host",
        "basis": record["basis"],
        "licence": record["licence"],
        "licence that the table states": record["row"]["licence"],
        "page that shows it": record["row"].get("page", ""),
        "answer": f"HTTP {response['status']}, {response['bytes']} bytes" if response else "",
        "visited from": response.get("egress", ""),
        "SHA-256 as received": record["sha256"],
        "ISCC": record["iscc"],
        "replaces": record.get("replaces", ""),
        "released by": _released(record),
        "recorded in batch": f"{stored.batch}, leaf {stored.position}",
    }
    return [[name, printable(str(value))] for name, value in facts.items() if value]


def _released(record: Mapping[str, Any]) -> str:
    """Say who released a picture that was held, and from what."""
    released = record.get("released")
    if released is None:
        return ""
    rules = ", ".join(reason["rule"] for reason in released["held_for"])
    return f"{released['by']} on {released['at'][:10]}, held for {rules}: {released['note']}"


def _file_facts(file: HostFile) -> dict[str, Any]:
    return {
        "url": file.url,
        "status": file.status,
        "bytes": len(file.content),
        "sha256": file.sha256,
        "asked_at": file.fetched_at.isoformat(),
        "failure": file.failure,
    }


def _reason_facts(reason: Reason, policy: Policy) -> dict[str, Any]:
    return {
        "control": reason.control,
        "title": _CONTROLS[reason.control],
        "rule": reason.rule.value,
        "outcome": reason.outcome.value,
        "signal": reason.signal,
        "text": policy.sentence(reason.rule),
        "detail": reason.detail,
    }
