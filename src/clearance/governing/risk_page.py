"""Render a risk analysis as one HTML page, without script and without anything from elsewhere. Pure.

Everything in it was written by people, and is escaped by the template engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearance.governing.risk import DATA_KINDS, HARMS, MATRIX, Likelihood, Severity
from clearance.pages import render_page


def render_risk(facts: Mapping[str, Any]) -> str:
    """Return the page of an analysis, signed or a draft, from what `clearance risk show --json` prints."""
    return render_page(
        "clearance.governing",
        "risk.html.jinja",
        {
            **facts,
            "kinds": {kind.value: what for kind, what in DATA_KINDS.items()},
            "harm_names": {harm.value: what for harm, what in HARMS.items()},
            "matrix": {
                likelihood.value: {severity.value: level.value for severity, level in row.items()}
                for likelihood, row in MATRIX.items()
            },
            "likelihoods": [likelihood.value for likelihood in Likelihood],
            "severities": [severity.value for severity in Severity],
        },
    )
