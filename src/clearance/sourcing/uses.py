"""What may be done with a picture, as rights holders' signals speak of it."""

from __future__ import annotations

from enum import StrEnum


class Use(StrEnum):
    """A use that a signal may speak of; `FETCH` is the request itself."""

    FETCH = "fetch"
    GENERATIVE = "generative-training"
    NON_GENERATIVE = "non-generative-training"
    MINING = "mining"
    INFERENCE = "inference"
    SEARCH = "search"


TRAINING = frozenset({Use.GENERATIVE, Use.NON_GENERATIVE})
DATA_USES = TRAINING | {Use.MINING}
"""Training and mining: what a reservation under Article 4 of Directive (EU) 2019/790 speaks of."""
ALL_USES = frozenset(Use) - {Use.FETCH}

_OF_PROJECT = {
    "generative-training": Use.GENERATIVE,
    "non-generative-training": Use.NON_GENERATIVE,
    "analysis": Use.MINING,
}


def use_of_project(use: str) -> Use:
    """Return the use that a project's pictures are for."""
    return _OF_PROJECT[use]
