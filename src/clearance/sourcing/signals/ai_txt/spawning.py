"""ai.txt as Spawning writes it: groups for user agents, and a pattern for each kind of file.

By the letter the longest pattern that matches decides, as in robots.txt; a collector obeys every one that
denies, those addressed to others included, for what they refuse is the use, not the visitor. The generator
leaves stray lines such as `/` and writes patterns without a slash; a strict reader would lose exactly those.

Source: Spawning, ai.txt (2023); RFC 9309 section 2.2.2 for precedence; C1.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clearance.sourcing.observed import HostFile
from clearance.sourcing.signals.ai_txt.lines import Line, quote, said, unread
from clearance.sourcing.signals.patterns import PathPattern
from clearance.sourcing.statements import SILENCE, Answer, Reading, merge
from clearance.sourcing.uses import DATA_USES

_MAX_RULES = 1000
"""A file for each kind of media has fifty lines; every request asks all of them."""
_AGENT = ("user-agent", "useragent")
# Misspellings that Google's parser of robots.txt forgives: they deny all the same.
_DISALLOW = frozenset({"disallow", "disalow", "dissallow", "dissalow", "diasllow", "disallaw"})
_MAX_EXTENSION_CHARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern, and for whom it stands."""

    pattern: PathPattern
    is_of_kind: bool
    """It names a kind of file, `*.jpg`, which is meant however the letters are written."""
    part: str
    """What a path must hold, in lower case, before its pattern is tried: fifty kinds of file are usual."""
    is_denial: bool
    agents: tuple[str, ...]
    line: Line
    is_perfect: bool


class Rules:
    """Spawning's rules of one file."""

    crawl_delay_s = None

    def __init__(self, rules: Sequence[Rule], *, file: HostFile, agent: str, everywhere: Reading) -> None:
        own = agent.lower()
        governing = own if any(own in rule.agents for rule in rules) else "*"
        self._everywhere = everywhere
        self._rules = tuple((rule, governing in rule.agents and rule.is_perfect) for rule in rules)
        self._by_letter = {
            rule.line.number: said(
                DATA_USES,
                Answer.DENIED if rule.is_denial else Answer.NOT_RESERVED,
                file=file,
                words=quote(rule.line),
            )
            for rule in rules
        }
        self._obeyed = {
            rule.line.number: said(
                DATA_USES, Answer.DENIED, file=file, words=quote(rule.line), is_specified=False
            )
            for rule in rules
            if rule.is_denial
        }

    def read(self, target: str) -> Reading:
        """Return the rule that decides by the letter, and one that denies where it does not."""
        lower = target.lower()
        deciding: Rule | None = None
        denying: Rule | None = None
        for rule, is_governing in self._rules:
            if rule.part not in lower:
                continue
            # An allowance is as narrow as it is written; a denial is meant for `A.JPG` too.
            if not rule.pattern.matches(lower if rule.is_of_kind and rule.is_denial else target):
                continue
            if rule.is_denial and denying is None:
                denying = rule
            if is_governing and (deciding is None or _weight(rule) > _weight(deciding)):
                deciding = rule
        found = [self._everywhere]
        if deciding is not None:
            found.append(self._by_letter[deciding.line.number])
        if denying is not None and (deciding is None or not deciding.is_denial):
            found.append(self._obeyed[denying.line.number])
        return merge(found)


def read_rules(lines: Iterable[Line], file: HostFile, agent: str) -> Rules | None:
    """Read the lines of this kind; nothing where there are none."""
    rules: list[Rule] = []
    agents: tuple[str, ...] = ()
    is_open = False
    is_denial = True
    is_of_this_kind = False
    for line in lines:
        if line.name in _AGENT:
            agents = (*agents, line.value.lower()) if is_open else (line.value.lower(),)
            is_open = is_of_this_kind = True
            continue
        if line.name == "allow" or line.name in _DISALLOW:
            is_of_this_kind, is_denial, is_open = True, line.name != "allow", False
        elif not (is_of_this_kind and is_denial and not line.name and line.text.startswith(("/", "*"))):
            continue
        rule = _rule(line, agents, is_denial=is_denial)
        if rule is not None and len(rules) <= _MAX_RULES:
            rules.append(rule)
    if not is_of_this_kind:
        return None
    everywhere = unread(file, f"more than {_MAX_RULES} rules") if len(rules) > _MAX_RULES else SILENCE
    return Rules(rules[:_MAX_RULES], file=file, agent=agent, everywhere=everywhere)


def _rule(line: Line, agents: tuple[str, ...], *, is_denial: bool) -> Rule | None:
    value = line.value if line.name else line.text
    if not value:
        return None
    text = _pattern(value)
    is_of_kind = text.startswith("*.")
    # `*.jpg` matches `/a.jpg/b` too, as robots.txt reads it: too much for an allowance.
    pattern = PathPattern(text.lower() if is_of_kind else text) if is_denial else PathPattern(_ending(text))
    is_perfect = line.is_well_formed and line.name in ("allow", "disallow") and text == value
    if not is_denial and not (is_perfect and pattern.is_whole):
        return None
    return Rule(
        pattern=pattern,
        is_of_kind=is_of_kind,
        part=text[1:].lower() if is_of_kind and text[2:].isalnum() else "",
        is_denial=is_denial,
        agents=agents,
        line=line,
        is_perfect=is_perfect,
    )


def _pattern(value: str) -> str:
    """Write a pattern as robots.txt would: `.jpg` and `jpg` are kinds of file, `images/` is a folder."""
    if value.startswith(("/", "*")):
        return value
    if value.startswith("."):
        return f"*{value}"
    if len(value) <= _MAX_EXTENSION_CHARS and value.isalnum():
        return f"*.{value}"
    return f"/{value}"


def _ending(text: str) -> str:
    return text if text.endswith("$") or not text.startswith("*.") else f"{text}$"


def _weight(rule: Rule) -> tuple[int, bool]:
    """The longest pattern decides; of two as long, the one that allows (RFC 9309 section 2.2.2)."""
    return len(rule.line.value), not rule.is_denial
