"""What a robots.txt forbids one crawler to request, as both reference engines would answer.

Google's matcher and Protego agree on most files. Where they part, it is over lines (`lines`), groups
(`file`) and spelling: Google compares decoded octets and takes `index.htm` for its folder, Protego
compares what it has escaped anew, takes a trailing `$` for a dollar sign as well, and measures patterns by
that other spelling. Both are computed; if either denies, it is denied.

Source: RFC 9309 section 2.2.2; google/robotstxt; scrapy/protego; C1.5, C5.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clearance.sourcing.signals.patterns import is_plain, octets, requoted
from clearance.sourcing.signals.robots.file import PATH, RobotsFile
from clearance.sourcing.signals.robots.lines import Line
from clearance.sourcing.signals.robots.path_rules import PathRule, PathRules, rank_of

MAX_RULES = 30_000
"""Of different rules for one crawler; the most found in a file of the web is some 1,200. A file with more is
made to keep us busy: nothing of it is weighed, and the host is left alone.
"""
_HEXADECIMAL = frozenset("0123456789ABCDEFabcdef")


class RobotsRules:
    """The rules of a robots.txt for one crawler, in both engines' readings."""

    __slots__ = ("_octets", "_plain", "_requoted", "is_beyond_bounds")

    def __init__(self, google: Iterable[Line], protego: Iterable[Line]) -> None:
        strict, lenient = _rules(google), _rules(protego)
        self.is_beyond_bounds = max(len(strict), len(lenient)) > MAX_RULES
        if self.is_beyond_bounds:
            strict = lenient = (Line(number=1, field="disallow", value="/"),)
        as_octets = [rule for line in strict for rule in _as_octets(line)]
        inside = [rule for rule in map(_ending_in_escapes, as_octets) if rule is not None]
        # Most files are read alike and need no second set; most paths are plain, and need plain rules only.
        if strict == lenient and all(map(_is_spelt_alike, strict)):
            one = PathRules(as_octets)
            self._plain: tuple[PathRules, ...] = (one,)
            self._octets = PathRules([*as_octets, *inside]) if inside else one
            self._requoted = one
            return
        as_requoted = [rule for line in lenient for rule in _as_requoted(line)]
        plain = [tuple(filter(_is_plain, rules)) for rules in (as_octets, as_requoted)]
        self._plain = tuple(map(PathRules, dict.fromkeys(plain)))
        self._octets = PathRules([*as_octets, *inside])
        self._requoted = PathRules(as_requoted)

    @classmethod
    def of(cls, file: RobotsFile, agent: str) -> RobotsRules:
        """Compile the rules for a product token."""
        return cls(file.google.lines_for(agent), file.protego.lines_for(agent))

    @property
    def forbidding_everything(self) -> PathRule | None:
        """The rule that leaves no path open, where there is one."""
        return self._octets.forbidding_everything or self._requoted.forbidding_everything

    def denying(self, target: str) -> PathRule | None:
        """Return the rule that forbids a path and query, or nothing where none does.

        The file itself is always free (RFC 9309 section 2.2.2).
        """
        if target == PATH:
            return None
        if is_plain(target):
            for rules in self._plain:
                rule = rules.winner(target)
                if rule is not None and not rule.is_allowance:
                    return rule
            return None
        path = target.partition("#")[0]
        rule = self._octets.winner(octets(path))
        if rule is None or rule.is_allowance:
            rule = self._requoted.winner(requoted(path))
        return None if rule is None or rule.is_allowance else rule


def _rules(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the rules among lines, each once."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        if line.value and line.field in ("allow", "disallow"):
            found.setdefault((line.field, line.value), line)
            if len(found) > MAX_RULES:
                break
    return tuple(found.values())


def _is_spelt_alike(rule: Line) -> bool:
    """Tell whether both engines take a pattern for the same rules."""
    return is_plain(rule.value.replace("*", "")) and not (_allows(rule) and "/index.htm" in rule.value)


def _allows(rule: Line) -> bool:
    return rule.field == "allow"


def _as_octets(rule: Line) -> Iterator[PathRule]:
    """Spell a rule as Google's matcher does."""
    text = rule.value
    parts = _octets_of(text.removesuffix("$"))
    yield _path_rule(rule, parts, is_anchored=text.endswith("$"), length=_escaped_length(text))
    folder, slash, page = text.rpartition("/")
    if _allows(rule) and slash and page.startswith("index.htm"):
        folder += "/"
        yield _path_rule(rule, _octets_of(folder), is_anchored=True, length=_escaped_length(folder) + 1)


def _escaped_length(pattern: str) -> int:
    """Return how long a pattern is once what is not ASCII is escaped."""
    if pattern.isascii():
        return len(pattern)
    raw = pattern.encode("utf-8", "replace")
    return len(raw) + 2 * sum(octet > 0x7F for octet in raw)


def _octets_of(pattern: str) -> list[str]:
    """Take a pattern apart at its stars, and spell the parts; a star that is escaped is none."""
    parts = pattern.split("*")
    return parts if "%" not in pattern and pattern.isascii() else list(map(octets, parts))


def _requoted_of(pattern: str) -> list[str]:
    parts = pattern.split("*")
    return parts if is_plain(pattern.replace("*", "")) else list(map(requoted, parts))


def _as_requoted(rule: Line) -> Iterator[PathRule]:
    """Spell a rule as Protego does."""
    # An address in place of a path is looked for in paths.
    text = f"/{rule.value}" if rule.value.startswith(("https://", "http://")) else rule.value
    is_anchored = text.endswith("$")
    parts = _requoted_of(text.removesuffix("$"))
    length = sum(map(len, parts)) + len(parts) - 1
    yield _path_rule(rule, parts, is_anchored=is_anchored, length=length + is_anchored)
    if is_anchored:
        # A dollar sign elsewhere is one already.
        literal = [*parts[:-1], f"{parts[-1]}%24"]
        yield _path_rule(rule, literal, is_anchored=False, length=sum(map(len, literal)) + len(literal) - 1)
    if _allows(rule) and not is_anchored and parts[-1].endswith("/index.html"):
        parts[-1] = parts[-1].removesuffix("index.html")
        yield _path_rule(rule, parts, is_anchored=True, length=length - len("index.html") + 1)


def _is_plain(rule: PathRule) -> bool:
    """Tell whether a rule may match a plain path."""
    return is_plain("".join(rule.parts))


def _ending_in_escapes(rule: PathRule) -> PathRule | None:
    """Widen a denial whose wildcard Google's matcher may end inside an escape of the path.

    It decodes the path while it matches, so that `/*2F` finds the end of `%2F`. In a decoded path that is
    gone: what may have stood inside an escape is taken as found.
    """
    first, *later = rule.parts
    if rule.is_allowance or not any(part[:1] in _HEXADECIMAL for part in later):
        return None
    return rule._replace(parts=(first, *map(_without_two_digits, later)))


def _without_two_digits(part: str) -> str:
    digits = 0
    while digits < 2 and part[digits : digits + 1] in _HEXADECIMAL:
        digits += 1
    return part[digits:]


def _path_rule(rule: Line, parts: Iterable[str], *, is_anchored: bool, length: int) -> PathRule:
    allows = _allows(rule)
    return PathRule(
        parts=tuple(parts),
        is_anchored=is_anchored,
        rank=rank_of(length, is_allowance=allows),
        is_allowance=allows,
        line=rule.number,
        text=rule.value,
    )
