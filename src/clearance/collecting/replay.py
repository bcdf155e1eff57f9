"""Decide again from what was kept: same evidence and policy must give the same decision.

Source: docs/collect.md; C2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from clearance.collecting.inspected import embedded_of
from clearance.identifiers import Malformed, WebUrl, parse_url
from clearance.policy import Decision, Policy
from clearance.sourcing import (
    CollectFacts,
    HostFile,
    HostFiles,
    Licence,
    Reading,
    ResponseHead,
    Source,
    Use,
    evaluate_host,
    may_collect,
    may_request,
    merge,
    read_embedded,
    read_response,
)


def replay(
    record: Mapping[str, Any],
    evidence: Mapping[str, Any],
    *,
    host_files: Sequence[HostFile],
    source: Source | None,
    licences: tuple[Licence, ...],
    policy: Policy,
    agent: str,
) -> Decision:
    """Read every signal of one item again, and let the gate that decided decide once more.

    Left out is what no rights holder said: a hash in the table, a quota, a picture that did not decode.
    """
    url = _url(record["url"])
    heads = [
        ResponseHead(
            url=_url(answer["url"]),
            status=answer["status"],
            headers=tuple((name, value) for name, value in answer["headers"]),
        )
        for answer in evidence.get("responses", ())
    ]
    embedded = evidence.get("embedded")
    facts = CollectFacts(
        url=url,
        project_use=Use(record["use"]),
        source=source,
        licences=licences,
        stated_licence=record["row"]["licence"],
        host=merge(
            _host(each, host_files, agent) for each in dict.fromkeys([url, *(head.url for head in heads)])
        ),
        response=merge(read_response(head) for head in heads),
        embedded=read_embedded(embedded_of(embedded)) if embedded else Reading(),
        now=datetime.strptime(record["collected_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
    )
    return may_collect(facts, policy) if heads else may_request(facts, policy)


def _host(url: WebUrl, files: Sequence[HostFile], agent: str) -> Reading:
    return evaluate_host(HostFiles.of(url.origin, files), agent=agent).read(url.target)


def _url(text: str) -> WebUrl:
    parsed = parse_url(text)
    if isinstance(parsed, Malformed):
        raise ValueError(f"no URL was recorded: {parsed.why}")  # noqa: TRY004 - the record holds a value, not a type
    return parsed
