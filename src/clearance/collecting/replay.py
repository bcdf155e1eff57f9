"""Decide again from what was kept: same evidence and policy must give the same decision.

Source: docs/collect.md; C2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from clearance.collecting.inspected import embedded_of
from clearance.collecting.pages import shown_from
from clearance.identifiers import Malformed, Sha256, WebUrl, parse_url
from clearance.policy import Decision, Policy
from clearance.sourcing import (
    SILENCE,
    Answer,
    CollectFacts,
    HostFile,
    HostFiles,
    Licence,
    Reading,
    ResponseHead,
    Scope,
    Source,
    Statement,
    Use,
    evaluate_host,
    may_collect,
    may_request,
    merge,
    read_embedded,
    read_response,
)


def replay(facts: CollectFacts, evidence: Mapping[str, Any], policy: Policy) -> Decision:
    """Let the gate that decided decide once more.

    Left out is what no rights holder said: a hash in the table, a quota, a picture that did not decode, that
    came too often or is another one than before, a host that is another one than before.
    """
    asked_only = "stopped_at" in evidence or not evidence.get("responses")
    return may_request(facts, policy) if asked_only else may_collect(facts, policy)


def facts_from(
    record: Mapping[str, Any],
    evidence: Mapping[str, Any],
    *,
    host_files: Sequence[HostFile],
    source: Source | None,
    licences: tuple[Licence, ...],
    agent: str,
) -> CollectFacts:
    """Read every signal of one item again, from its record and its evidence."""
    url = _url(record["url"])
    documents = {file.url: file for file in host_files}
    heads = [
        ResponseHead(
            url=_url(answer["url"]),
            status=answer["status"],
            headers=tuple((name, value) for name, value in answer["headers"]),
            documents=documents,
        )
        for answer in evidence.get("responses", ())
    ]
    embedded = evidence.get("embedded")
    hops = [url, *(head.url for head in heads)]
    if "stopped_at" in evidence:
        hops.append(_url(evidence["stopped_at"]))
    return CollectFacts(
        url=url,
        project_use=Use(record["use"]),
        source=source,
        licences=licences,
        stated_licence=record["row"]["licence"],
        host=merge(_host(each, host_files, agent) for each in dict.fromkeys(hops)),
        response=merge(read_response(head) for head in heads),
        embedded=read_embedded(embedded_of(embedded)) if embedded else SILENCE,
        page=_page(evidence.get("page"), url, host_files, agent),
        registry=Reading(statements=tuple(_statement(each) for each in evidence.get("registry", ()))),
        now=datetime.strptime(
            record.get("rechecked_at", record["collected_at"]), "%Y-%m-%dT%H:%M:%S.%fZ"
        ).replace(tzinfo=UTC),
    )


def _host(url: WebUrl, files: Sequence[HostFile], agent: str) -> Reading:
    return evaluate_host(HostFiles.of(url.origin, files), agent=agent).read(url.target)


def _page(
    evidence: Mapping[str, Any] | None, picture: WebUrl, files: Sequence[HostFile], agent: str
) -> Reading:
    """Read a page again, and what the hosts on the way to it say of it."""
    if evidence is None or "cut" in evidence:
        return SILENCE
    shown = shown_from(evidence, documents={file.url: file for file in files})
    asked = parse_url(shown.asked)
    visited = [head.url for head in (*shown.heads, *([shown.page.head] if shown.page else []))]
    hops = dict.fromkeys([*([asked] if isinstance(asked, WebUrl) else []), *visited])
    return merge([*(_host(url, files, agent) for url in hops), shown.said(picture)])


def _statement(kept: Mapping[str, Any]) -> Statement:
    return Statement(
        signal=kept["signal"],
        use=Use(kept["use"]),
        answer=Answer(kept["answer"]),
        scope=Scope(kept["scope"]),
        where=kept["where"],
        quote=kept["quote"],
        evidence=tuple(Sha256(sha256) for sha256 in kept["evidence"]),
    )


def _url(text: str) -> WebUrl:
    parsed = parse_url(text)
    if isinstance(parsed, Malformed):
        raise ValueError(f"no URL was recorded: {parsed.why}")  # noqa: TRY004 - the record holds a value, not a type
    return parsed
