"""An audit as plain values, as `--json` prints it and as a dataset version carries it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from clearance.curating.audit.audit import judged
from clearance.curating.audit.findings import (
    Aim,
    Audit,
    CategoryAudit,
    Concentration,
    Counted,
    CrossingAudit,
    DimensionAudit,
    Distance,
    KeywordAudit,
)
from clearance.curating.audit.intervals import SEED, Estimate, Interval
from clearance.curating.audit.outputs import Comparison
from clearance.curating.audit.targets import OTHER, UNKNOWN, Question
from clearance.curating.audit.verdicts import AuditVerdict, Judged
from clearance.policy import AuditConventions

FORM = 1
"""Of the report; a later version of Clearance may say more."""
_DIGITS = 6
_WORDED = frozenset({Question.CREATOR.value, Question.COUNTRY.value})
"""Dimensions whose categories are words of the pictures, where no target names them."""
_OURS = frozenset({OTHER, UNKNOWN})
_NOTES = (
    "Lines are conventions of other fields, not norms of this one; a verdict is read from the interval.",
    "Nothing is inferred about people: faces are counted by a detector, and a picture without one may still"
    " show people; attributes are what model releases declare.",
)


def audit_facts(audit: Audit, conventions: AuditConventions) -> dict[str, Any]:
    """Return an audit and its conventions as plain values."""
    found = [{"what": about, **_judged(each)} for about, each in judged(audit)]
    return {
        "form": FORM,
        "verdict": audit.verdict.value,
        "files_audited": audit.files,
        "files_compared": audit.files_compared,
        "counted": _counting(audit),
        "pictures": audit.pictures,
        "has_targets": audit.has_targets,
        "counts": {
            verdict.value: sum(each["verdict"] == verdict.value for each in found) for verdict in AuditVerdict
        },
        "findings": found,
        "dimensions": [_dimension(each) for each in audit.dimensions],
        "concentration": [_concentration(each) for each in audit.concentrations],
        "quantities": [
            {
                "of": each.quantity.value,
                "known": each.known,
                "coverage": _rounded(each.coverage),
                "quantiles": {f"{part:g}": _rounded(value) for part, value in each.quantiles},
                "wasserstein_to_target": _optional(each.wasserstein),
                "misplaced": None if each.misplaced is None else _estimate(each.misplaced),
                **_optionally_judged(each.judged),
            }
            for each in audit.quantities
        ],
        "keywords": _keywords(audit.keywords),
        "crossings": [_crossing(each) for each in audit.crossings],
        "leakage": [
            {"of": each.of.name, "by": each.by.name, "n": each.n, "cramers_v": _rounded(each.cramers_v)}
            for each in audit.leakages
        ],
        "method": {
            "confidence": audit.confidence,
            "draws": audit.draws,
            "seed": SEED,
            "conventions": conventions.model_dump(mode="json"),
            "notes": [_NOTES[0], _counting(audit), *_NOTES[1:]],
        },
    }


def _counting(audit: Audit) -> str:
    """Say what counts as one picture: only where copies were looked for do they count once."""
    if audit.files_compared == audit.files:
        return "Pictures are counted by near-duplicate cluster, not by file: copies count once."
    if not audit.files_compared:
        return "Copies were not looked for: every file counts as a picture."
    return (
        f"Copies were looked for in {audit.files_compared:,} of {audit.files:,} files; those that were found"
        " count once, every other file counts as a picture."
    )


def comparison_facts(each: Comparison) -> dict[str, Any]:
    """Return a comparison of outputs with pictures trained on as plain values."""
    return {
        "of": each.dimension.name,
        "prompts": each.prompts,
        "n_prompts": each.n_prompts,
        "categories": [
            {
                "name": row.name,
                "outputs": _rounded(row.outputs),
                "trained": _optional(row.trained),
                "amplification": _optional(row.amplification),
                "interval": None if row.interval is None else _interval(row.interval),
                "ratio": _optional(row.ratio),
            }
            for row in each.categories
        ],
    }


def audit_json(facts: Mapping[str, Any]) -> bytes:
    """Return the bytes that are kept of an audit."""
    return json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "replace") + b"\n"


def without_words_of_pictures(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an audit without words that single pictures brought along: names of creators,
    keywords, places in words. A version carries its audit for ever, and whoever is erased is not in it.

    What the targets name stays: a person stated it for the project.
    """
    return {
        **facts,
        "dimensions": [_numbered(each) for each in facts["dimensions"]],
        "concentration": [
            {**each, "largest": ""} if each["of"] in _WORDED else dict(each)
            for each in facts["concentration"]
        ],
        "keywords": {**facts["keywords"], "frequent": [], "associations": []},
    }


def _numbered(dimension: Mapping[str, Any]) -> dict[str, Any]:
    """Number the categories of a dimension whose names come from pictures."""
    if dimension["of"] not in _WORDED:
        return dict(dimension)
    return {
        **dimension,
        "categories": [
            each
            if each["target"] is not None or each["name"] in _OURS or _is_code(each["name"])
            else {**each, "name": f"{dimension['of']} {number}"}
            for number, each in enumerate(dimension["categories"], start=1)
        ],
    }


def _is_code(name: str) -> bool:
    """Tell whether a place is a code of two letters (ISO 3166-1)."""
    return len(name) == 2 and name.isascii() and name.isupper()


def _dimension(each: DimensionAudit) -> dict[str, Any]:
    return {
        "of": each.dimension.name,
        "known": each.known,
        "unknown": each.unknown,
        "coverage": _rounded(each.coverage),
        "has_target": each.has_target,
        "categories": [_category(category) for category in each.categories],
        "not_listed": each.not_listed,
        "without_target": [_category(category) for category in each.without_target],
        "in_several": each.in_several,
        "distance": None if each.distance is None else _distance(each.distance),
        **_optionally_judged(each.judged),
        "evenness": None if each.evenness is None else _estimate(each.evenness),
        "design_effect": _optional(each.design_effect),
        "drawn_by": each.drawn_by.value,
    }


def _category(each: CategoryAudit) -> dict[str, Any]:
    return {"name": each.name, **_counted(each.counted), **_aim(each.aim)}


def _counted(counted: Counted | None) -> dict[str, Any]:
    if counted is None:
        return {"n": None, "share": None, "interval": None, "withheld": True}
    return {
        "n": counted.n,
        "share": _rounded(counted.share),
        "interval": _interval(counted.interval),
        "withheld": False,
    }


def _aim(aim: Aim | None) -> dict[str, Any]:
    if aim is None:
        return {"target": None, "ratio": None, "log2_ratio": None, "verdict": None, "why": None}
    return {
        "target": _rounded(aim.share),
        "ratio": _optional(aim.ratio),
        "log2_ratio": _optional(aim.log2_ratio),
        **_judged(aim.judged),
    }


def _distance(each: Distance) -> dict[str, Any]:
    return {
        "tvd": _estimate(each.tvd),
        "tvd_by_chance": _rounded(each.tvd_by_chance),
        "jsd": _estimate(each.jsd),
        "g": _rounded(each.g),
        "p": _rounded(each.p),
        "level": each.level.value,
    }


def _concentration(each: Concentration) -> dict[str, Any]:
    return {
        "of": each.of,
        "counts": each.counts,
        "known": each.known,
        "coverage": _rounded(each.coverage),
        "categories": each.categories,
        "hhi": _estimate(each.hhi),
        "level": each.level.value,
        "effective_number": _rounded(each.effective),
        "effective_number_shannon": _rounded(each.effective_shannon),
        "largest": each.largest,
        "largest_share": _estimate(each.largest_share),
        "top_5_share": _rounded(each.top_5_share),
        "gini": _rounded(each.gini),
        "hhi_judged": None if each.judged_hhi is None else _judged(each.judged_hhi),
        "max_share": each.max_share,
        "share_judged": None if each.judged_share is None else _judged(each.judged_share),
    }


def _keywords(each: KeywordAudit) -> dict[str, Any]:
    return {
        "pictures_with_keywords": each.with_keywords,
        "coverage": _rounded(each.coverage),
        "distinct": each.distinct,
        "frequent": [
            {"keyword": word.keyword, "n": word.n, "share": _rounded(word.share)} for word in each.frequent
        ],
        "tested": each.tested,
        "found": each.found,
        "associations": [
            {
                "keyword": pair.keyword,
                "with": pair.dimension.name,
                "category": pair.category,
                "n": pair.n,
                "lift": _rounded(pair.lift),
                "pmi": _rounded(pair.pmi),
                "risk_ratio": _rounded(pair.risk_ratio),
                "interval": _interval(pair.interval),
                "q": _rounded(pair.q),
            }
            for pair in each.associations
        ],
    }


def _crossing(each: CrossingAudit) -> dict[str, Any]:
    return {
        "of": [dimension.name for dimension in each.dimensions],
        "known": each.known,
        "coverage": _rounded(each.coverage),
        "cells": [
            {
                "categories": list(cell.categories),
                **_counted(cell.counted),
                "to_independence": _optional(cell.to_independence),
                **_aim(cell.aim),
            }
            for cell in each.cells
        ],
        "empty": [list(names) for names in each.empty],
    }


def _optionally_judged(judged: Judged | None) -> dict[str, str | None]:
    return {"verdict": None, "why": None} if judged is None else {**_judged(judged)}


def _judged(judged: Judged) -> dict[str, str]:
    return {"verdict": judged.verdict.value, "why": judged.why}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"value": _rounded(estimate.value), "interval": _interval(estimate.interval)}


def _interval(interval: Interval) -> list[float]:
    return [_rounded(interval.low), _rounded(interval.high)]


def _optional(value: float | None) -> float | None:
    return None if value is None else _rounded(value)


def _rounded(value: float) -> float:
    return round(float(value), _DIGITS)
