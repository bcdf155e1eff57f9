"""Rules for paths, compiled once and asked for every path: the longest match wins, an allowance wins a tie.

A host may list a hundred rules and have a hundred thousand pictures, so a path is not held against each rule:
one search in sorted order finds all rules without wildcards that match, and of those with wildcards only the
ones whose longest literal part occurs in the path are tried.

Source: RFC 9309 section 2.2.2; C1.5.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from clearance.sourcing.signals.patterns import Parts

_Key = TypeVar("_Key")
MAX_WILDCARD_RULES = 2_000
"""The most found in a file of the web is some 300. A rule beyond that many is cut before its first wildcard
if it forbids and dropped if it allows: a file made against the matcher forbids more, and is answered quickly.
"""
MAX_PARTS = 51
"""Fifty wildcards in one rule are a construction as well, and are cut and dropped alike."""


class PathRule(NamedTuple):
    """One rule, its pattern spelt as the paths are that it will be asked about; a named tuple, because a file
    may have a hundred thousand.
    """

    parts: tuple[str, ...]
    """The literal parts between its wildcards."""
    is_anchored: bool
    """It ends where the path ends."""
    rank: int
    """Its place among rules that match; see `rank_of`."""
    is_allowance: bool
    line: int
    text: str
    """The pattern as written."""


def rank_of(length: int, *, is_allowance: bool) -> int:
    """Return a rule's place among rules that match: the longer pattern first, then the allowance."""
    return 2 * length + is_allowance


class PathRules:
    """Rules that apply together, in one spelling."""

    __slots__ = ("_best", "_exact", "_keys", "_parents", "_ranks", "_wildcards")

    def __init__(self, rules: Iterable[PathRule]) -> None:
        literal: dict[str, PathRule] = {}
        self._exact: dict[str, PathRule] = {}
        wild: dict[tuple[tuple[str, ...], bool], PathRule] = {}
        for rule in _bounded(rules):
            if len(rule.parts) == 1:
                _keep(self._exact if rule.is_anchored else literal, rule.parts[0], rule)
            elif len(wild) < MAX_WILDCARD_RULES or (rule.parts, rule.is_anchored) in wild:
                _keep(wild, (rule.parts, rule.is_anchored), rule)
            elif not rule.is_allowance:
                _keep(literal, rule.parts[0], rule)
        self._keys = sorted(literal)
        self._parents: list[int] = []
        self._best: list[PathRule] = []
        self._link(literal)
        self._ranks = [rule.rank for rule in self._best]
        taken = sorted(wild.values(), key=lambda rule: -rule.rank)
        self._wildcards = [
            (rule.rank, max(rule.parts, key=len), Parts.of(rule.parts, is_anchored=rule.is_anchored), rule)
            for rule in taken
        ]

    def _link(self, literal: dict[str, PathRule]) -> None:
        """Give every key the longest other key that it begins with, and the best rule among all of those."""
        open_keys: list[int] = []
        for place, key in enumerate(self._keys):
            while open_keys and not key.startswith(self._keys[open_keys[-1]]):
                open_keys.pop()
            parent = open_keys[-1] if open_keys else -1
            own = literal[key]
            above = self._best[parent] if open_keys else own
            self._parents.append(parent)
            self._best.append(own if own.rank >= above.rank else above)
            open_keys.append(place)

    @property
    def forbidding_everything(self) -> PathRule | None:
        """The rule that leaves no path open, where nothing is allowed beside it."""
        root = self.winner("/")
        rules = [*self._best, *self._exact.values(), *(each[3] for each in self._wildcards)]
        if root is None or root.is_anchored or any(rule.is_allowance for rule in rules):
            return None
        return root

    def winner(self, path: str) -> PathRule | None:
        """Return the rule that decides about a path, spelt as the rules are; nothing where none matches."""
        keys = self._keys
        place = bisect_right(keys, path) - 1
        while place >= 0 and not path.startswith(keys[place]):
            place = self._parents[place]
        best, rank = (self._best[place], self._ranks[place]) if place >= 0 else (None, -1)
        if self._exact:
            exact = self._exact.get(path)
            if exact is not None and exact.rank > rank:
                best, rank = exact, exact.rank
        for its_rank, needle, parts, rule in self._wildcards:
            if its_rank <= rank:
                break
            # The longest literal part first: it is looked for fastest, and mostly not there.
            if needle in path and parts.match(path):
                return rule
        return best


def _bounded(rules: Iterable[PathRule]) -> Iterator[PathRule]:
    """Leave out what matches no path, which begins with a slash, and cut what is made against the matcher."""
    for rule in rules:
        if rule.parts[0][:1] not in ("", "/"):
            continue
        if len(rule.parts) <= MAX_PARTS:
            yield rule
        elif not rule.is_allowance:
            yield rule._replace(parts=rule.parts[:MAX_PARTS], is_anchored=False)


def _keep(kept: dict[_Key, PathRule], key: _Key, rule: PathRule) -> None:
    """Keep the better of two rules with one pattern."""
    known = kept.get(key)
    if known is None or rule.rank > known.rank:
        kept[key] = rule
