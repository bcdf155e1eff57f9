"""The policy file: read, checked and turned into a `Policy` that gates decide by.

One YAML file is both the public page and the enforced rule (C5.5). It must hold every rule that code relies
on, and may make a rule stricter than its floor, never weaker.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clearance.errors import BadInput, PolicyError
from clearance.identifiers import Sha256, sha256_of
from clearance.policy.controls import ControlId
from clearance.policy.decision import Decision, Outcome, Reason, decide
from clearance.policy.parameters import PARAMETERS, Parameters, RetentionClocks
from clearance.policy.rules import FRAMES, Effect, RuleId, Stage
from clearance.policy.strict_yaml import read_strict_yaml

MAX_POLICY_BYTES = 1 << 20
"""A policy that people read is far smaller; more is a mistake or an attack on the YAML reader."""

_STRICTNESS = {Effect.ALLOW: 0, Effect.HOLD: 1, Effect.DENY: 2}
_P = TypeVar("_P", bound=Parameters)


class _RuleModel(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: RuleId
    sentence: str = Field(min_length=10, max_length=500)
    stage: Stage
    effect: Effect
    controls: tuple[str, ...] = Field(min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class _DocumentModel(BaseModel):
    model_config = ConfigDict(extra="forbid")
    policy: str = Field(min_length=1)
    version: str = Field(pattern=r"\d+\.\d+\.\d+")
    owner: str
    effective_from: date
    review_due: date
    rules: tuple[_RuleModel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as the policy file states it."""

    id: RuleId
    sentence: str
    stage: Stage
    effect: Effect
    controls: tuple[ControlId, ...]
    parameters: Parameters | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A checked policy file; `hash` is the SHA-256 of its bytes and stands in every decision."""

    title: str
    version: str
    owner: str
    effective_from: date
    review_due: date
    hash: Sha256
    rules: Mapping[RuleId, Rule]

    def sentence(self, rule: RuleId) -> str:
        """Return the public sentence of a rule."""
        return self.rules[rule].sentence

    def parameters(self, of: type[_P]) -> _P:
        """Return the parameters that a rule takes, as their class."""
        found = self.rules[of.rule].parameters
        if not isinstance(found, of):
            raise TypeError(f"{of.rule} has other parameters than {of.__name__}")
        return found

    def day(self, moment: datetime) -> date:
        """Return the day that a moment falls on, where the policy counts days."""
        return moment.astimezone(ZoneInfo(self.parameters(RetentionClocks).time_zone)).date()

    def reason(
        self, rule: RuleId, *, signal: str = "", detail: str = "", evidence: tuple[Sha256, ...] = ()
    ) -> Reason:
        """State that a rule applies; its effect becomes the reason's outcome.

        A `limit` that is overstepped and a `record` rule that is named as a reason both stand against the
        picture.
        """
        stated = self.rules[rule]
        return Reason(
            rule=rule,
            control=stated.controls[0],
            outcome=_OUTCOMES.get(stated.effect, Outcome.DENY),
            signal=signal,
            detail=detail,
            evidence=evidence,
        )

    def decide(self, reasons: Iterable[Reason]) -> Decision:
        """Let the strictest reason decide, under this policy's hash."""
        return decide(reasons, policy=self.hash)


_OUTCOMES = {Effect.ALLOW: Outcome.ALLOW, Effect.HOLD: Outcome.HOLD, Effect.DENY: Outcome.DENY}


def default_policy_bytes() -> bytes:
    """Return the strict policy that a new workspace starts with."""
    return resources.files("clearance.policy").joinpath("default.yaml").read_bytes()


# A command asks for the policy again and again, and reading one takes a tenth of a second.
@functools.lru_cache(maxsize=8)
def read_policy(content: bytes, *, where: str = "policy.yaml") -> Policy:
    """Read a policy file and check it whole.

    Raises:
        PolicyError: with every problem found, each with its place.
    """
    document = _load(content, where=where)
    problems = _problems(document.rules)
    for rule in document.rules:
        try:
            _parameters(rule)
        except ValidationError as error:
            problems += [f"rule {rule.id}: parameters: {line}" for line in _lines(error)]
    if problems:
        raise PolicyError(f"{where}: " + "; ".join(problems))
    return _policy(document, document.rules, sha256=sha256_of(content))


def read_past_policy(content: bytes) -> Policy:
    """Read a policy that was in force once: rules that came later stand in it as the default has them.

    Raises:
        PolicyError: it is not readable; what was in force was, so the stored bytes are damaged.
    """
    document = _load(content, where="a policy of the past")
    stated = {rule.id for rule in document.rules}
    later = [
        rule for rule in _load(default_policy_bytes(), where="default.yaml").rules if rule.id not in stated
    ]
    return _policy(document, [*document.rules, *later], sha256=sha256_of(content))


def _policy(document: _DocumentModel, rules: Iterable[_RuleModel], *, sha256: Sha256) -> Policy:
    return Policy(
        title=document.policy,
        version=document.version,
        owner=document.owner,
        effective_from=document.effective_from,
        review_due=document.review_due,
        hash=sha256,
        rules={rule.id: _rule(rule) for rule in rules},
    )


def _rule(rule: _RuleModel) -> Rule:
    return Rule(
        id=rule.id,
        sentence=rule.sentence,
        stage=rule.stage,
        effect=rule.effect,
        controls=tuple(ControlId(control) for control in rule.controls),
        parameters=_parameters(rule),
    )


def _load(content: bytes, *, where: str) -> _DocumentModel:
    try:
        loaded = read_strict_yaml(content, where=where, max_bytes=MAX_POLICY_BYTES)
        return _DocumentModel.model_validate(loaded)
    except BadInput as error:
        raise PolicyError(str(error)) from error
    except ValidationError as error:
        raise PolicyError(f"{where}: " + "; ".join(_lines(error))) from error


def _problems(rules: tuple[_RuleModel, ...]) -> list[str]:
    problems = [
        f"rule {rule.id}: given twice" for n, rule in enumerate(rules) if rule.id in {r.id for r in rules[:n]}
    ]
    missing = [rule for rule in RuleId if rule not in {stated.id for stated in rules}]
    problems += [f"rule {rule}: missing" for rule in missing]
    for rule in rules:
        frame = FRAMES[rule.id]
        if rule.stage is not frame.stage:
            problems.append(f"rule {rule.id}: stage must be {frame.stage}")
        if not set(frame.controls) <= {ControlId(control) for control in rule.controls}:
            problems.append(f"rule {rule.id}: controls must name {', '.join(frame.controls)}")
        if _is_weaker(rule.effect, frame.floor):
            problems.append(f"rule {rule.id}: effect {rule.effect} is weaker than {frame.floor}")
    return problems


def _is_weaker(effect: Effect, floor: Effect) -> bool:
    if floor not in _STRICTNESS or effect not in _STRICTNESS:
        return effect is not floor
    return _STRICTNESS[effect] < _STRICTNESS[floor]


def _parameters(rule: _RuleModel) -> Parameters | None:
    model = PARAMETERS.get(rule.id)
    if model is None:
        # Extra parameters are refused, not ignored: their author believes that they do something.
        Parameters.model_validate(rule.parameters)
        return None
    return model.model_validate({name: _frozen(value) for name, value in rule.parameters.items()})


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _lines(error: ValidationError) -> list[str]:
    return [".".join(str(part) for part in item["loc"]) + ": " + item["msg"] for item in error.errors()]
