"""What the command line answers with `--json`, as far as the demo reads it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from posixpath import basename
from urllib.parse import urlsplit

VERDICTS = ("kept", "held", "denied", "failed")
_ALLOWING = frozenset({"basis-licence", "basis-open-licence", "basis-public-domain", "basis-own-work"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an item stands as it does."""

    control: str
    rule: str
    signal: str
    text: str
    """The public sentence of the policy."""
    detail: str

    @property
    def is_allowing(self) -> bool:
        """Tell what a picture stands on from what stands against it; a denied one may have both."""
        return self.rule in _ALLOWING


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record of the register."""

    id: str
    url: str
    source: str
    decision: str
    basis: str
    licence: str
    caption: str
    content_id: str
    reasons: tuple[Reason, ...]

    @property
    def against(self) -> tuple[Reason, ...]:
        """The reasons that speak against it."""
        return tuple(reason for reason in self.reasons if not reason.is_allowing)

    @property
    def host(self) -> str:
        """The host without its port; the demo's ports change from run to run."""
        return urlsplit(self.url).hostname or ""

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return basename(urlsplit(self.url).path) or self.url


def read_items(answer: str) -> tuple[Item, ...]:
    """Read the answer of `clearance items list --json`."""
    return tuple(
        Item(
            id=item["id"],
            url=item["url"],
            source=item["source"],
            decision=item["decision"],
            basis=item["basis"],
            licence=item["licence"],
            caption=item["caption"],
            content_id=item["content_id"] or "",
            reasons=tuple(
                Reason(
                    control=reason["control"],
                    rule=reason["rule"],
                    signal=reason["signal"],
                    text=reason["text"],
                    detail=reason["detail"],
                )
                for reason in item["reasons"]
            ),
        )
        for item in json.loads(answer)["items"]
    )


def count_decisions(items: Iterable[Item]) -> Counter[str]:
    """Count items by decision."""
    return Counter(item.decision for item in items)


def count_reasons(items: Iterable[Item]) -> list[tuple[Reason, int]]:
    """Count items by rule and signal, most frequent first; an item with two reasons counts under both."""
    first: dict[tuple[str, str], Reason] = {}
    counted: Counter[tuple[str, str]] = Counter()
    for item in items:
        for key, reason in {(reason.rule, reason.signal): reason for reason in item.reasons}.items():
            first.setdefault(key, reason)
            counted[key] += 1
    return [(first[key], count) for key, count in counted.most_common()]
